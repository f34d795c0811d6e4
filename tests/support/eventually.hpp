#pragma once

#include <chrono>
#include <thread>

namespace waybill::test {

/// Calls `condition` every few milliseconds until it is true; false when it still is not after `limit`, which is long
/// enough for a busy machine.
template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds limit = std::chrono::seconds{60}) {
  constexpr std::chrono::milliseconds pause{5};
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end)
      return false;
    std::this_thread::sleep_for(pause);
  }
  return true;
}

} // namespace waybill::test
