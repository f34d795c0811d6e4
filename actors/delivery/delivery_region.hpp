#pragma once

#include "actors/entity/services.hpp"
#include "actors/entity/settings.hpp"
#include "domain/delivery.hpp"
#include "messages/actors.hpp"

#include <caf/fwd.hpp>

namespace waybill {

struct delivery_settings {
  delivery::settings job;
  retry_settings retry;
  region_settings region;
  /// Couriers are entities that accept a delivery or refuse it; otherwise the pool gives each one delivery at a time.
  bool real_couriers = false;
  /// Simulated couriers forget their deliveries with the process: for so long after its last change a delivery stays in
  /// memory, to remind its courier after a restart.
  milliseconds remind_for{60'000};
  /// Each change updates the list of deliveries: too expensive for simulated couriers at full speed.
  bool listed = false;
};

/// The deliveries of this node; see spawn_region. `couriers` finds a courier for each.
delivery_region_actor spawn_delivery_region(caf::actor_system& sys, const entity_services& services,
                                            const delivery_settings& settings, const courier_pool_actor& couriers);

} // namespace waybill
