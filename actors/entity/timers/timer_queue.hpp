#pragma once

#include "domain/base/time.hpp"

#include <cstddef>
#include <queue>
#include <string>
#include <vector>

namespace waybill {

/// Times at which entities are to be loaded that are not in memory, the earliest first; there may be very many.
class timer_queue {
public:
  /// Returns true if the queue was empty: then the region must start ticking.
  bool add(timestamp due, const std::string& id) {
    const bool was_empty = timers_.empty();
    timers_.push({due, id});
    return was_empty;
  }

  /// Takes the ids whose time has come, the earliest `most` of them.
  std::vector<std::string> take_due(timestamp now, std::size_t most) {
    std::vector<std::string> due;
    while (due.size() < most && !timers_.empty() && timers_.top().due <= now) {
      due.push_back(timers_.top().id);
      timers_.pop();
    }
    return due;
  }

  [[nodiscard]] bool empty() const { return timers_.empty(); }
  [[nodiscard]] std::size_t size() const { return timers_.size(); }

private:
  struct timer {
    timestamp due;
    std::string id;
    friend bool operator>(const timer& x, const timer& y) { return x.due > y.due; }
  };

  std::priority_queue<timer, std::vector<timer>, std::greater<>> timers_;
};

} // namespace waybill
