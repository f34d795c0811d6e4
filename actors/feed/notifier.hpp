#pragma once

#include "actors/entity/services.hpp"

namespace waybill {

struct notifier_settings {
  std::uint32_t page_size = 500;
  /// How often the log is read when no hint comes (events of other nodes).
  milliseconds poll_interval{250};
  /// How far it has read becomes durable this often even if there was nothing to tell anybody: events that it has not
  /// passed are not removed.
  milliseconds save_interval{60'000};
};

/// The one notifier of a cluster lives on the node that owns its shard. Needs a `placement` before it serves; on other
/// nodes the same actor only forwards. Its stream keeps how far it has read, in the same append as the notifications,
/// so that none is lost and none is made twice; a rival loses the race for the stream and reads again (G2). Ends with
/// send_exit.
using notifier_region_actor = notifier_actor::extend<caf::result<void>(placement)>;

notifier_region_actor spawn_notifier(caf::actor_system& sys, const entity_services& services,
                                     const notifier_settings& settings);

/// The stream of the notifier, under which it keeps its state.
inline constexpr const char* notifier_stream = "ntf_notifier";

/// Where the notifier with this state goes on to read. Fails with ec::unreadable.
result<log_position> notifier_position(const stored_entity& stored);

} // namespace waybill
