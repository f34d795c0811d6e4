#pragma once

#include "actors/entity/services.hpp"
#include "actors/entity/settings.hpp"
#include "messages/actors.hpp"

#include <caf/fwd.hpp>

#include <cstdint>

namespace waybill {

struct payment_settings {
  /// After so long without an answer of the provider the outcome is unknown, and the provider is asked for it.
  milliseconds provider_timeout{2'000};
  retry_settings retry;
  /// After so many look-ups that find nothing, the key is closed at the provider and the operation counts as declined.
  std::uint32_t lookups_until_closed = 3;
  region_settings region;
};

/// The payments of this node; see spawn_region.
payment_region_actor spawn_payment_region(caf::actor_system& sys, const entity_services& services,
                                          const payment_settings& settings, const payment_provider_actor& provider);

} // namespace waybill
