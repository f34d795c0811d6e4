#pragma once

#include "actors/entity/services.hpp"
#include "actors/entity/settings.hpp"
#include "messages/functions/function_actors.hpp"

#include <caf/fwd.hpp>

#include <cstdint>

namespace waybill {

/// How functions are called for events.
struct trigger_settings {
  std::uint32_t page_size = 100;
  /// So often a function is called for an event that it fails on; then the event is skipped.
  std::uint32_t attempts = 3;
  /// Before the second attempt; twice as long before each further one. The other events of the page go on meanwhile.
  milliseconds retry_pause{100};
  /// After a failure of the database, the feed or the runner, none of which counts as an attempt.
  milliseconds pause{1'000};
  /// How long the event feed is waited for at a time.
  milliseconds feed_wait{10'000};
  /// How far a function has come becomes durable this often even if nothing came of the events.
  milliseconds save_interval{30'000};
};

struct function_settings {
  /// The failures of a function are logged so often at most.
  milliseconds log_interval{60'000};
  trigger_settings triggers;
  /// Each may hold some versions of its source.
  region_settings region{.max_active = 1'000};
};

/// The functions of this node; see spawn_region. `runner` may be null on a node without the role; `feed` is the node's
/// event feed, and may be null there too.
function_region_actor spawn_function_region(caf::actor_system& sys, const entity_services& services,
                                            const function_settings& settings, const function_runner_actor& runner,
                                            const event_feed_actor& feed);

} // namespace waybill
