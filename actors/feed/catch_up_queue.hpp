#pragma once

#include "actors/feed/feed_waiters.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace waybill {

/// Requests of those who are behind the tail and read the log themselves. The askers take turns: start-time fair
/// queueing (Goyal, Vin and Cheng, 1996). An asker has one read under way and pays for it with the time that it took;
/// next comes the asker who has paid least, and who has just come has paid as much as the one whose turn it is. So
/// somebody with a thousand requests is a thousand times later with the last of them, and nobody else is later at all.
class catch_up_queue {
public:
  void add(feed_waiter waiter);

  /// The request whose turn it is, of an asker who has no read under way. It must be followed by finish().
  std::optional<feed_waiter> take();

  /// A read of that asker is over, after so many microseconds.
  void finish(const std::string& asker, std::uint64_t cost);

  /// Removes a request that waits; false when there is none.
  bool remove(const feed_request_id& id);

  [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
  struct asker {
    std::deque<feed_waiter> waiting;
    /// What the asker has paid until now.
    std::uint64_t paid = 0;
    std::uint64_t arrival = 0;
    bool is_reading = false;
  };

  void line_up(const std::string& name, const asker& entry);
  void forget_idle();

  std::unordered_map<std::string, asker> askers_;
  /// Askers with waiting requests and no read under way, by what they have paid, then by their coming.
  std::set<std::tuple<std::uint64_t, std::uint64_t, std::string>> turns_;
  /// What the last one whose turn it was had paid.
  std::uint64_t level_ = 0;
  std::uint64_t arrivals_ = 0;
  std::size_t size_ = 0;
  std::size_t reading_ = 0;
  /// At so many askers those are looked for that need not be remembered.
  std::size_t look_at_ = 1'024;
};

} // namespace waybill
