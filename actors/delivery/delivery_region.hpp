#pragma once

#include "actors/entity/services.hpp"
#include "actors/entity/settings.hpp"
#include "domain/delivery.hpp"
#include "messages/actors.hpp"

#include <caf/fwd.hpp>

#include <cstdint>

namespace waybill {

/// Who brings the orders of a node.
enum class courier_pool_kind : std::uint8_t {
  simulated,
  /// Entities, who act over the API.
  real,
  /// Real couriers who are online and have a free place, simulated ones for the rest.
  mixed
};

struct delivery_settings {
  delivery::settings job = {};
  retry_settings retry = {};
  region_settings region = {};
  /// A real courier accepts a delivery or refuses it; simulated ones get one delivery at a time from their pool.
  courier_pool_kind pool = courier_pool_kind::simulated;
  /// Simulated couriers forget their deliveries with the process: for so long after its last change a delivery stays in
  /// memory, to remind its courier after a restart.
  milliseconds remind_for{60'000};
  /// Each change updates the list of deliveries: too expensive for simulated couriers at full speed. What was offered
  /// to a person is listed in any case.
  bool listed = false;
};

/// The deliveries of this node; see spawn_region. `couriers` finds a courier for each.
delivery_region_actor spawn_delivery_region(caf::actor_system& sys, const entity_services& services,
                                            const delivery_settings& settings, const courier_pool_actor& couriers);

} // namespace waybill
