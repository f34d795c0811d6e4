#pragma once

#include "functions/limits.hpp"
#include "messages/functions/function_actors.hpp"
#include "messages/supervision.hpp"

#include <caf/fwd.hpp>

#include <cstddef>

namespace waybill {

/// How many functions run at once, and what each call may use.
struct function_run_settings {
  /// Calls at once, each on a thread of its own. There is one thread more for those who are in a hurry.
  std::size_t threads = 2;
  /// Calls that run or wait for a thread; more are refused with ec::overloaded.
  std::size_t max_waiting = 256;
  /// A call that waited so long is not begun: nobody waits for it any more.
  milliseconds patience{4'000};
  sandbox::limits limits{};
};

/// Spawns the threads, which `supervise` gets, and the actor in front of them. Ends with send_exit.
function_runner_actor spawn_function_runner(caf::actor_system& sys, const function_run_settings& settings,
                                            const supervise_actor& supervise = {});

} // namespace waybill
