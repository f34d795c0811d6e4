#pragma once

#include "domain/base/time.hpp"

#include <atomic>
#include <chrono>

namespace waybill {

/// Fault injection: the loss of the database. While it is on, every call of this process to a database fails as if the
/// connection had broken. It ends by itself. Thread-safe.
class simulated_outage {
public:
  using clock = std::chrono::steady_clock;

  /// Begins now; when one is on already, it ends at the later of the two moments.
  static void begin(milliseconds lasts) noexcept {
    const auto until = (clock::now() + lasts).time_since_epoch().count();
    auto known = until_.load();
    while (known < until && !until_.compare_exchange_weak(known, until)) {
    }
  }

  [[nodiscard]] static bool is_on() noexcept {
    const auto until = until_.load(std::memory_order_relaxed);
    return until != 0 && clock::now().time_since_epoch().count() < until;
  }

private:
  static inline std::atomic<clock::rep> until_ = 0;
};

} // namespace waybill
