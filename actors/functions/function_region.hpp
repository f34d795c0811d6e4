#pragma once

#include "actors/entity/services.hpp"
#include "actors/entity/settings.hpp"
#include "messages/functions/function_actors.hpp"

#include <caf/fwd.hpp>

namespace waybill {

struct function_settings {
  /// The failures of a function are logged so often at most.
  milliseconds log_interval{60'000};
  /// Each may hold some versions of its source.
  region_settings region{.max_active = 1'000};
};

/// The functions of this node; see spawn_region. `runner` may be null on a node without the role.
function_region_actor spawn_function_region(caf::actor_system& sys, const entity_services& services,
                                            const function_settings& settings, const function_runner_actor& runner);

} // namespace waybill
