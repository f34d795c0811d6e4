#pragma once

#include "actors/entity/services.hpp"
#include "messages/actors.hpp"

#include <caf/fwd.hpp>

namespace waybill {

struct dispatch_settings {
  /// How often couriers are looked for while a delivery waits, and how old a look may be that found none, where there
  /// are others to ask. Couriers of this node report free places at once.
  milliseconds look_interval{500};
  /// A delivery that has waited so long leaves the memory and stands in line until a courier has time.
  milliseconds patience{10'000};
  /// How long a place counts as taken after it was given to a delivery, until the offer is in the database.
  milliseconds reserve_for{2'000};
  /// Deliveries that wait for a courier in memory; the others stand in line.
  std::uint32_t max_waiting = 2'000;
};

/// Finds real couriers for the deliveries of this node: those who are online and have a free place, the least busy
/// first. It reads the database, so its view is a moment old: the entity of a courier makes sure that they do not get
/// too many deliveries. Its state may be lost. Ends with send_exit.
///
/// With `others`, the pool that has a courier for everybody, no delivery waits here: what no real courier who was not
/// asked yet can take now goes there, and so do its offers.
courier_pool_actor spawn_courier_dispatcher(caf::actor_system& sys, const entity_services& services,
                                            const dispatch_settings& settings, courier_pool_actor others = {});

} // namespace waybill
