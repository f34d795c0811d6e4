#pragma once

#include "actors/entity/services.hpp"
#include "actors/entity/settings.hpp"
#include "domain/product.hpp"
#include "messages/actors.hpp"

#include <caf/fwd.hpp>

namespace waybill {

struct product_settings {
  product::settings stock;
  region_settings region;
};

/// The products of this node; see spawn_region.
product_region_actor spawn_product_region(caf::actor_system& sys, const entity_services& services,
                                          const product_settings& settings);

} // namespace waybill
