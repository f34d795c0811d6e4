#pragma once

#include "domain/base/time.hpp"
#include "persistence/trouble/store_trouble.hpp"

#include <algorithm>
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
    const auto now = clock::now().time_since_epoch().count();
    if (const auto began = busy_since_.exchange(0); began != 0 && met == store_trouble::none) {
      last_took_ = now - began;
      last_ended_ = now;
    }
    trouble_ = met;
    if (met == store_trouble::none)
      failing_since_ = 0;
    else if (failing_since_ == 0)
      failing_since_ = now;
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

  /// A call is under way.
  [[nodiscard]] bool is_busy() const noexcept { return busy_since_ != 0; }

  /// How long the call under way has taken, or the last one that was done, if that was within `recent`; otherwise zero.
  [[nodiscard]] milliseconds latest_time(milliseconds recent) const noexcept {
    const auto now = clock::now().time_since_epoch();
    const auto since = busy_since_.load();
    auto longest = since != 0 ? now - clock::duration{since} : clock::duration{0};
    if (const auto ended = last_ended_.load(); ended != 0 && now - clock::duration{ended} < recent)
      longest = std::max(longest, clock::duration{last_took_});
    return std::chrono::duration_cast<milliseconds>(longest);
  }

private:
  static bool lasts(clock::rep since, milliseconds patience) noexcept {
    return since != 0 && clock::now().time_since_epoch() - clock::duration{since} > patience;
  }

  /// Zero: it is not.
  std::atomic<clock::rep> busy_since_ = 0;
  std::atomic<clock::rep> failing_since_ = 0;
  std::atomic<clock::rep> paused_until_ = 0;
  std::atomic<clock::rep> last_took_ = 0;
  std::atomic<clock::rep> last_ended_ = 0;
  std::atomic<store_trouble> trouble_ = store_trouble::none;
};

} // namespace waybill
