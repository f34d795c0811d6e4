#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace waybill::http {

/// Counts the connections of each network (network_of) and bounds them. Holds no more entries than there are
/// connections. Thread-safe.
class address_limits {
public:
  explicit address_limits(std::size_t most) : most_(most) {}

  /// Counts one more connection. False, without counting, when the network has as many as it may.
  [[nodiscard]] bool enter(std::uint64_t network) {
    const std::lock_guard lock{mutex_};
    auto& count = counts_[network];
    if (count >= most_)
      return false;
    ++count;
    return true;
  }

  void leave(std::uint64_t network) {
    const std::lock_guard lock{mutex_};
    if (const auto entry = counts_.find(network); entry != counts_.end() && --entry->second == 0)
      counts_.erase(entry);
  }

private:
  const std::size_t most_;
  std::mutex mutex_;
  std::unordered_map<std::uint64_t, std::size_t> counts_;
};

/// Counts a connection for as long as it lives. Converts to false when the network had too many already.
class address_permit {
public:
  address_permit() = default;
  address_permit(address_limits& limits, std::uint64_t network)
    : limits_(limits.enter(network) ? &limits : nullptr), network_(network) {}
  address_permit(address_permit&& other) noexcept
    : limits_(std::exchange(other.limits_, nullptr)), network_(other.network_) {}
  address_permit& operator=(address_permit&&) = delete;
  ~address_permit() {
    if (limits_)
      limits_->leave(network_);
  }

  explicit operator bool() const noexcept { return limits_ != nullptr; }

private:
  address_limits* limits_ = nullptr;
  std::uint64_t network_ = 0;
};

} // namespace waybill::http
