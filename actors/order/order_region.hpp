#pragma once

#include "actors/entity/services.hpp"
#include "actors/entity/settings.hpp"
#include "domain/order/order.hpp"
#include "messages/actors.hpp"

#include <caf/fwd.hpp>

#include <memory>

namespace waybill {

class order_cache;

struct order_settings {
  order::deadlines limits;
  retry_settings retry;
  /// Only orders are limited: the other entities of an accepted order must find room.
  region_settings region{.max_active = 50'000};
  /// How often an order asks its delivery in the first seconds. After that the delivery repeats its word until it is
  /// heard.
  milliseconds delivery_poll{2'000};
  /// Couriers may be people, who act over a gateway.
  bool real_couriers = false;
};

/// The orders of this node; see spawn_region. Orders that are read are published in `cache`, unless that is null.
order_region_actor spawn_order_region(caf::actor_system& sys, const entity_services& services,
                                      const order_settings& settings,
                                      const std::shared_ptr<order_cache>& cache = nullptr);

} // namespace waybill
