#pragma once

#include "domain/base/time.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <mutex>
#include <utility>
#include <vector>

namespace waybill {

/// Timers of the next seconds, in a ring of slots by their time: adding one and taking one that is due cost the same
/// however many there are (G. Varghese and A. Lauck, "Hashed and hierarchical timing wheels", 1987). There is no
/// cancelling. A time beyond the ring waits in its last slot and is put in again there. Thread-safe.
template <class Owner>
class timer_wheel {
public:
  /// The region looks this often.
  static constexpr milliseconds slot_time{20};
  /// Times up to here need not be put in again.
  static constexpr milliseconds reach = 255 * slot_time;

  /// Returns true if there was no timer: then the region must be told to start ticking.
  bool add(timestamp due, timestamp now, Owner owner) {
    const std::lock_guard guard{mutex_};
    const bool was_empty = size_ == 0;
    const auto present = slot_of(now);
    if (was_empty)
      first_ = present;
    else if (present < first_)
      turn_back(present);
    put({due, std::move(owner)});
    ++size_;
    return was_empty;
  }

  /// Takes the owners of timers whose time has come.
  std::vector<Owner> take_due(timestamp now) {
    const std::lock_guard guard{mutex_};
    std::vector<Owner> due;
    if (size_ == 0)
      return due;
    const auto present = slot_of(now);
    if (present < first_)
      turn_back(present);
    std::vector<timer> later;
    const auto passed = std::min<std::int64_t>(present - first_ + 1, slot_count);
    for (std::int64_t i = 0; i < passed; ++i) {
      auto& slot = at(first_ + i);
      for (auto& entry : slot)
        if (entry.due <= now)
          due.push_back(std::move(entry.owner));
        else
          later.push_back(std::move(entry));
      slot.clear();
    }
    first_ = present;
    for (auto& entry : later)
      put(std::move(entry));
    size_ -= due.size();
    // Nothing is kept of a time when there were many.
    if (size_ == 0)
      slots_ = {};
    return due;
  }

  [[nodiscard]] bool empty() const {
    const std::lock_guard guard{mutex_};
    return size_ == 0;
  }

private:
  struct timer {
    timestamp due;
    Owner owner;
  };
  static constexpr std::int64_t slot_count = 256;

  static std::int64_t slot_of(timestamp time) {
    return std::chrono::floor<milliseconds>(time.time_since_epoch()).count() / slot_time.count();
  }

  std::vector<timer>& at(std::int64_t slot) {
    return slots_[static_cast<std::uint64_t>(slot) % static_cast<std::uint64_t>(slot_count)];
  }

  void put(timer entry) {
    const auto slot = std::clamp(slot_of(entry.due), first_, first_ + slot_count - 1);
    at(slot).push_back(std::move(entry));
  }

  /// The clock was set back: what is added from now on may be due before all that is here.
  void turn_back(std::int64_t present) {
    std::vector<timer> all;
    for (auto& slot : slots_) {
      std::move(slot.begin(), slot.end(), std::back_inserter(all));
      slot.clear();
    }
    first_ = present;
    for (auto& entry : all)
      put(std::move(entry));
  }

  mutable std::mutex mutex_;
  std::array<std::vector<timer>, slot_count> slots_;
  /// The slot of the present, as of the last look; the ring begins there.
  std::int64_t first_ = 0;
  std::size_t size_ = 0;
};

} // namespace waybill
