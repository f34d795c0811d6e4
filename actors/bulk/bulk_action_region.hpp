#pragma once

#include "actors/entity/services.hpp"
#include "actors/entity/settings.hpp"
#include "domain/order/order.hpp"
#include "messages/actors.hpp"

#include <caf/fwd.hpp>

#include <cstddef>
#include <cstdint>

namespace waybill {

struct bulk_action_settings {
  /// Orders at a time of one bulk action: what people ask of orders besides is not held up.
  std::size_t at_once = 8;
  /// How long an order may take for its command.
  milliseconds request_timeout{10'000};
  retry_settings retry{};
  /// An order whose command is not answered so often is given up.
  std::uint32_t most_attempts = 8;
  /// Those of the orders, by which a dry run decides.
  order::deadlines limits{};
  /// Bulk actions in memory; those that are under way are.
  region_settings region{.max_active = 1'000};
};

/// The bulk actions of this node; see spawn_region.
bulk_action_region_actor spawn_bulk_action_region(caf::actor_system& sys, const entity_services& services,
                                                  const bulk_action_settings& settings);

} // namespace waybill
