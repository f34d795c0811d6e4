#pragma once

#include "domain/base/time.hpp"
#include "persistence/trouble/store_trouble.hpp"

#include <atomic>
#include <chrono>

namespace waybill {

/// Whether one journal or reader reaches its database: it writes this, and those that decide whether the node takes new
/// work read it. Thread-safe.
class connection_health {
public:
  using clock = std::chrono::steady_clock;

  void begin() noexcept { busy_since_ = clock::now().time_since_epoch().count(); }
  void end(store_trouble met) noexcept {
    busy_since_ = 0;
    trouble_ = met;
    if (met == store_trouble::none)
      failing_since_ = 0;
    else if (failing_since_ == 0)
      failing_since_ = clock::now().time_since_epoch().count();
  }
  void end(bool reached) noexcept { end(reached ? store_trouble::none : store_trouble::away); }

  /// Nothing is tried before `until`, unless the database was reached meanwhile.
  void pause(clock::time_point until) noexcept { paused_until_ = until.time_since_epoch().count(); }
  [[nodiscard]] bool is_pausing(clock::time_point now) const noexcept {
    return failing_since_ != 0 && now.time_since_epoch().count() < paused_until_;
  }

  /// The last attempt to reach the database failed.
  [[nodiscard]] bool is_failing() const noexcept { return failing_since_ != 0; }

  /// What the last attempt met.
  [[nodiscard]] store_trouble trouble() const noexcept { return trouble_; }

  /// No attempt to reach the database has succeeded for longer than `patience`: more than a connection that was cut.
  [[nodiscard]] bool is_away(milliseconds patience) const noexcept { return lasts(failing_since_, patience); }

  /// One call has been under way for longer than `patience`.
  [[nodiscard]] bool is_stuck(milliseconds patience) const noexcept { return lasts(busy_since_, patience); }

private:
  static bool lasts(clock::rep since, milliseconds patience) noexcept {
    return since != 0 && clock::now().time_since_epoch() - clock::duration{since} > patience;
  }

  /// Zero: it is not.
  std::atomic<clock::rep> busy_since_ = 0;
  std::atomic<clock::rep> failing_since_ = 0;
  std::atomic<clock::rep> paused_until_ = 0;
  std::atomic<store_trouble> trouble_ = store_trouble::none;
};

} // namespace waybill
