#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace waybill::http {

/// Bounds the subscriptions of a gateway. Each is counted at the moment at which it is admitted. Thread-safe.
class subscriber_limit {
public:
  explicit subscriber_limit(std::size_t most) : most_(most) {}

  [[nodiscard]] bool enter() noexcept {
    auto count = count_.load();
    while (count < most_)
      if (count_.compare_exchange_weak(count, count + 1))
        return true;
    return false;
  }
  void leave() noexcept { count_.fetch_sub(1); }

private:
  const std::size_t most_;
  std::atomic<std::size_t> count_ = 0;
};

/// Counts a subscription for as long as it lives. Converts to false when there was no place for it.
class subscriber_permit {
public:
  subscriber_permit() = default;
  explicit subscriber_permit(subscriber_limit& from) : from_(from.enter() ? &from : nullptr) {}
  subscriber_permit(subscriber_permit&& other) noexcept : from_(std::exchange(other.from_, nullptr)) {}
  subscriber_permit& operator=(subscriber_permit&& other) noexcept {
    std::swap(from_, other.from_);
    return *this;
  }
  ~subscriber_permit() {
    if (from_)
      from_->leave();
  }

  explicit operator bool() const noexcept { return from_ != nullptr; }

private:
  subscriber_limit* from_ = nullptr;
};

} // namespace waybill::http
