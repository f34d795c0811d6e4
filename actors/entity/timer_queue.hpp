#pragma once

#include "domain/base/time.hpp"

#include <cstddef>
#include <limits>
#include <mutex>
#include <queue>
#include <string>
#include <vector>

namespace waybill {

/// The timers of all entities of one region: entities add them, the region takes the timers that are due and wakes
/// their entities. There is no cancelling: an entity that is woken too early looks at its state and goes to sleep
/// again. Thread-safe.
class timer_queue {
public:
  /// Returns true if the queue was empty: then the region must be told to start ticking.
  bool add(timestamp due, const std::string& id) {
    const std::lock_guard guard{mutex_};
    const bool was_empty = timers_.empty();
    timers_.push({due, id});
    return was_empty;
  }

  /// Takes the ids whose time has come, the earliest `most` of them.
  std::vector<std::string> take_due(timestamp now, std::size_t most = std::numeric_limits<std::size_t>::max()) {
    const std::lock_guard guard{mutex_};
    std::vector<std::string> due;
    while (due.size() < most && !timers_.empty() && timers_.top().due <= now) {
      due.push_back(timers_.top().id);
      timers_.pop();
    }
    return due;
  }

  [[nodiscard]] bool empty() const {
    const std::lock_guard guard{mutex_};
    return timers_.empty();
  }

  [[nodiscard]] std::size_t size() const {
    const std::lock_guard guard{mutex_};
    return timers_.size();
  }

private:
  struct timer {
    timestamp due;
    std::string id;
    friend bool operator>(const timer& x, const timer& y) { return x.due > y.due; }
  };

  mutable std::mutex mutex_;
  std::priority_queue<timer, std::vector<timer>, std::greater<>> timers_;
};

} // namespace waybill
