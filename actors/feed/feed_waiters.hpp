#pragma once

#include "messages/type_ids.hpp"

#include <caf/actor_clock.hpp>
#include <caf/typed_response_promise.hpp>

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace waybill {

using event_ptr = std::shared_ptr<const stored_event>;

/// Tells the requests of all senders apart: the sender, and the number of its message.
struct feed_request_id {
  std::uint64_t sender = 0;
  std::uint64_t request = 0;
  friend auto operator<=>(const feed_request_id&, const feed_request_id&) = default;
};

struct feed_waiter {
  read_feed request;
  feed_request_id id;
  caf::typed_response_promise<feed_page> promise;
  /// Gets an empty page then.
  caf::actor_clock::time_point deadline;
};

/// Subscribers that have seen the event log to its end and wait for the next events, indexed by what they wait for: an
/// event is compared only with the filters that it may match, and once for all subscribers with the same filter. So
/// thousands that each follow their own orders cost nothing while other orders change.
class feed_waiters {
public:
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }

  /// The waiter has seen all events that were announced until now.
  void add(feed_waiter waiter);

  /// Answers all waiters whose filter matches one of `events`, which follow in the log, up to `end`.
  void announce(std::span<const event_ptr> events, const log_position& end);

  /// Answers all waiters whose deadline has passed, with `end` as the position to go on from.
  void answer_overdue(caf::actor_clock::time_point time, const log_position& end);

  /// Removes one waiter; false when it is not here.
  bool remove(const feed_request_id& id);

  /// Removes all waiters.
  std::vector<feed_waiter> take_all();

  /// The furthest place up to `end` at which a waiter stands; nothing when there is none.
  [[nodiscard]] std::optional<log_position> furthest(const log_position& end) const;

private:
  /// The waiters with the same filter.
  struct group {
    std::string subject;
    std::vector<feed_waiter> members;
    /// Events of the current `announce` that match.
    std::vector<event_ptr> matching;
  };
  using group_map = std::map<event_filter, group>;

  void find_groups(const std::string& subject, const event_ptr& event, std::vector<group_map::iterator>& concerned);
  void remove_group(group_map::iterator from);

  group_map groups_;
  /// By the most selective part of their filters.
  std::unordered_map<std::string, std::vector<group_map::iterator>> by_subject_;
  std::map<feed_request_id, group_map::iterator> by_id_;
  std::size_t count_ = 0;
};

} // namespace waybill
