#pragma once

#include "tracing/span.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <iterator>
#include <mutex>
#include <utility>
#include <vector>

namespace waybill::tracing {

/// Spans that wait to be sent. Thread-safe; nobody waits for room in it.
class span_queue {
public:
  /// It holds `most` spans; who waits for spans is woken early when there are `enough` of them.
  span_queue(std::size_t most, std::size_t enough) : most_(most), enough_(enough) {}

  /// False when it is full or closed: the span is dropped.
  bool put(span item) {
    const std::lock_guard guard{mutex_};
    if (closed_ || spans_.size() >= most_)
      return false;
    spans_.push_back(std::move(item));
    if (spans_.size() == enough_)
      changed_.notify_one();
    return true;
  }

  /// Waits until there are enough spans, the queue is closed, or `limit` is over; then takes up to `enough` of them.
  std::vector<span> take(std::chrono::milliseconds limit) {
    std::unique_lock guard{mutex_};
    changed_.wait_for(guard, limit, [this] { return closed_ || spans_.size() >= enough_; });
    std::vector<span> taken;
    const auto end = std::next(spans_.begin(), static_cast<std::ptrdiff_t>(std::min(enough_, spans_.size())));
    taken.assign(std::make_move_iterator(spans_.begin()), std::make_move_iterator(end));
    spans_.erase(spans_.begin(), end);
    return taken;
  }

  /// Nothing more is taken in; what is there can be taken out.
  void close() {
    const std::lock_guard guard{mutex_};
    closed_ = true;
    changed_.notify_all();
  }

  [[nodiscard]] bool is_closed() const {
    const std::lock_guard guard{mutex_};
    return closed_;
  }

  /// Waits for `pause`, or until the queue is closed.
  void rest(std::chrono::milliseconds pause) {
    std::unique_lock guard{mutex_};
    changed_.wait_for(guard, pause, [this] { return closed_; });
  }

private:
  const std::size_t most_;
  const std::size_t enough_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<span> spans_;
  bool closed_ = false;
};

} // namespace waybill::tracing
