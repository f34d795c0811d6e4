#pragma once

#include "actors/deadlines/absences.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>

namespace waybill {

/// The time that all nodes share, as this node knows it: what the database's clock said at the last look, and the
/// steady time since. A step of this machine's clock changes nothing. It also knows when roles were away. Thread-safe.
class cluster_time {
public:
  using steady = std::chrono::steady_clock;

  /// Deadlines are not judged on a look older than `fresh_for`: the database may be away, or this process was stopped,
  /// and nobody knows yet for how long. `steady_now`: tests bring their own.
  explicit cluster_time(milliseconds fresh_for, std::function<steady::time_point()> steady_now = steady::now);

  /// Before the first look this machine's clock.
  [[nodiscard]] timestamp now() const;

  /// The database's clock said `time` at `taken`, and the table of absences said `seen`.
  void update(timestamp time, steady::time_point taken, absences seen);

  /// The deadline of a step; see absences::postpone. None: it cannot be judged now; ask again soon.
  [[nodiscard]] std::optional<fair_deadline> judge(timestamp nominal, timestamp began, role_set roles) const;

private:
  struct look {
    steady::time_point taken;
    absences seen;
  };

  [[nodiscard]] std::shared_ptr<const look> last() const;

  milliseconds fresh_for_;
  std::function<steady::time_point()> steady_now_;
  /// The shared time less the steady one; none before the first look.
  std::atomic<timestamp::rep> offset_;
  mutable std::mutex mutex_;
  std::shared_ptr<const look> last_;
};

} // namespace waybill
