#pragma once

#include "actors/support/backoff.hpp"
#include "domain/base/time.hpp"

#include <cstdint>
#include <limits>

namespace waybill {

struct region_settings {
  /// An entity that got no message for so long is passivated.
  milliseconds idle_timeout{30'000};
  /// The same for an entity whose life is over.
  milliseconds linger{1'000};
  /// The same for one that only waits for a message or a time, which may take long.
  milliseconds nap{5'000};
  /// Commands that wait for entities of the region; more are refused with ec::overloaded.
  std::uint32_t max_waiting = 100'000;
  /// How long a command for an entity of another node looks for an owner that takes it.
  milliseconds patience{5'000};
  /// How often a region looks for entities that are due.
  milliseconds sweep{30'000};
  /// Entities in memory; a command that would create another one is refused with ec::overloaded.
  std::uint32_t max_active = std::numeric_limits<std::uint32_t>::max();
};

} // namespace waybill
