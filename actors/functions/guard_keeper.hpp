#pragma once

#include "domain/base/time.hpp"
#include "messages/functions/function_actors.hpp"
#include "messages/functions/order_guards.hpp"

#include <caf/fwd.hpp>

#include <memory>

namespace waybill {

struct guard_keeper_settings {
  /// The guards are read again this often even if the log tells of no change: who waits for the log can be held up.
  milliseconds feed_wait{10'000};
  /// After a failure of the database or the feed.
  milliseconds pause{500};
};

/// Keeps `board` true: reads the guards, and reads them again when the log tells that a function was changed, by
/// whatever node. Ends with send_exit.
guard_keeper_actor spawn_guard_keeper(caf::actor_system& sys, const guard_keeper_settings& settings,
                                      const reader_actor& reader, const event_feed_actor& feed,
                                      std::shared_ptr<order_guards> board);

} // namespace waybill
