#pragma once

#include "actors/entity/services.hpp"
#include "actors/entity/settings.hpp"
#include "messages/actors.hpp"

#include <caf/fwd.hpp>

namespace waybill {

struct courier_entity_settings {
  /// How soon a courier asks each of its deliveries whether it is still assigned, should the delivery not tell it. It
  /// asks less often the longer nothing changes.
  milliseconds check_interval{30'000};
  milliseconds request_timeout{2'000};
  region_settings region;
};

/// The couriers of this node; see spawn_region. `pool` is told of couriers who can take a delivery again; may be null.
courier_region_actor spawn_courier_region(caf::actor_system& sys, const entity_services& services,
                                          const courier_entity_settings& settings, const courier_pool_actor& pool);

} // namespace waybill
