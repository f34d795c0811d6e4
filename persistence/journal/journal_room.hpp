#pragma once

#include <atomic>
#include <cstddef>

namespace waybill {

/// How much waits for one journal: in its mailbox, in its queue and in the commit under way. Thread-safe.
class journal_room {
public:
  journal_room(std::size_t max_appends, std::size_t max_octets) : max_appends_(max_appends), max_octets_(max_octets) {}

  /// Whether an append of this size could ever have a place.
  [[nodiscard]] bool may_fit(std::size_t octets) const noexcept { return octets <= max_octets_; }

  /// Takes a place; false when there is none now.
  bool enter(std::size_t octets) noexcept {
    const bool is_room = appends_.fetch_add(1, std::memory_order_relaxed) < max_appends_;
    const bool is_space = octets_.fetch_add(octets, std::memory_order_relaxed) + octets <= max_octets_;
    if (is_room && is_space)
      return true;
    leave(octets);
    return false;
  }

  void leave(std::size_t octets) noexcept {
    appends_.fetch_sub(1, std::memory_order_relaxed);
    octets_.fetch_sub(octets, std::memory_order_relaxed);
  }

  /// At most half of it is taken.
  [[nodiscard]] bool is_roomy() const noexcept {
    return appends_.load(std::memory_order_relaxed) <= max_appends_ / 2
           && octets_.load(std::memory_order_relaxed) <= max_octets_ / 2;
  }

  [[nodiscard]] std::size_t max_octets() const noexcept { return max_octets_; }

private:
  std::size_t max_appends_;
  std::size_t max_octets_;
  std::atomic<std::size_t> appends_ = 0;
  std::atomic<std::size_t> octets_ = 0;
};

} // namespace waybill
