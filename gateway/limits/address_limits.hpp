#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace waybill::http {

/// How many connections each party (party_of) has. Holds no more entries than there are connections. Thread-safe.
class address_limits {
public:
  explicit address_limits(std::size_t most) : most_(most) {}

  /// False: the party has as many as it may.
  [[nodiscard]] bool enter(std::uint64_t party) {
    const std::lock_guard lock{mutex_};
    auto& count = counts_[party];
    if (count >= most_)
      return false;
    ++count;
    return true;
  }

  void leave(std::uint64_t party) {
    const std::lock_guard lock{mutex_};
    if (const auto found = counts_.find(party); found != counts_.end() && --found->second == 0)
      counts_.erase(found);
  }

private:
  const std::size_t most_;
  std::mutex mutex_;
  std::unordered_map<std::uint64_t, std::size_t> counts_;
};

/// A place for as long as it lives.
class address_place {
public:
  address_place() = default;
  address_place(address_limits& from, std::uint64_t party)
    : from_(from.enter(party) ? &from : nullptr), party_(party) {}
  address_place(address_place&& other) noexcept : from_(std::exchange(other.from_, nullptr)), party_(other.party_) {}
  address_place& operator=(address_place&&) = delete;
  ~address_place() {
    if (from_)
      from_->leave(party_);
  }

  explicit operator bool() const noexcept { return from_ != nullptr; }

private:
  address_limits* from_ = nullptr;
  std::uint64_t party_ = 0;
};

} // namespace waybill::http
