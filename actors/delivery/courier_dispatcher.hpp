#pragma once

#include "actors/entity/regions.hpp"
#include "messages/actors.hpp"

#include <caf/fwd.hpp>

namespace waybill {

struct dispatch_settings {
  /// How often couriers are looked for while a delivery waits; of those on this node it hears at once.
  milliseconds look_interval{500};
  /// A delivery that has waited so long is told to ask again: so nobody is looked for on behalf of one that is over.
  milliseconds patience{10'000};
  /// How long a place that was given away here counts as taken, until the offer shows in the database.
  milliseconds reserve_for{2'000};
  /// Deliveries that wait for a courier; more are refused with ec::overloaded.
  std::uint32_t max_waiting = 100'000;
};

/// Finds real couriers for the deliveries of this node: those who are online and have a free place, the least busy
/// first. What it knows is a hint, from the database and a moment old: that nobody gets more than they can take is the
/// business of the courier's own entity. Nothing is kept here that must not be lost. Ends with send_exit.
courier_pool_actor spawn_courier_dispatcher(caf::actor_system& sys, const entity_services& services,
                                            const dispatch_settings& settings);

} // namespace waybill
