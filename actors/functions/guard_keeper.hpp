#pragma once

#include "domain/base/time.hpp"
#include "messages/functions/function_actors.hpp"
#include "messages/functions/order_guards.hpp"

#include <caf/fwd.hpp>

#include <memory>

namespace waybill {

struct guard_keeper_settings {
  /// How often it looks whether a function has changed, on whatever node.
  milliseconds look_interval{1'000};
  /// After a failure of the database.
  milliseconds pause{500};
};

/// Keeps `board` true: reads the guards, and reads them again when a function was changed. It does not follow the log,
/// which would have this node read each event of all orders. Ends with send_exit.
guard_keeper_actor spawn_guard_keeper(caf::actor_system& sys, const guard_keeper_settings& settings,
                                      const reader_actor& reader, std::shared_ptr<order_guards> board);

} // namespace waybill
