#pragma once

#include "domain/base/time.hpp"

#include <atomic>
#include <chrono>

namespace waybill {

/// A fault of this process that ends by itself. Thread-safe.
class timed_fault {
public:
  using clock = std::chrono::steady_clock;

  /// Begins now; when it is on already, it ends at the later of the two moments.
  void begin(milliseconds lasts) noexcept {
    const auto until = (clock::now() + lasts).time_since_epoch().count();
    auto known = until_.load();
    while (known < until && !until_.compare_exchange_weak(known, until)) {
    }
  }

  void end() noexcept { until_ = 0; }

  [[nodiscard]] bool is_on() const noexcept {
    const auto until = until_.load(std::memory_order_relaxed);
    return until != 0 && clock::now().time_since_epoch().count() < until;
  }

private:
  std::atomic<clock::rep> until_ = 0;
};

} // namespace waybill
