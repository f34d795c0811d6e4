#pragma once

#include "domain/base/time.hpp"

#include <cstdint>
#include <functional>

namespace waybill {

struct membership_settings {
  /// A node that did not renew for so long counts as dead.
  milliseconds lease{3'000};
  milliseconds renewal{1'000};
  /// A clock that is off by more is reported; one that is off by more than the limit keeps its node from serving,
  /// because its timers would fire early.
  milliseconds clock_warning{5'000};
  milliseconds clock_limit{60'000};
  std::uint32_t protocol = 0;
  /// The time of day; tests bring their own.
  std::function<timestamp()> clock = waybill::now;
};

} // namespace waybill
