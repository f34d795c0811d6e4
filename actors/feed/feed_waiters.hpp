#pragma once

#include "messages/type_ids.hpp"

#include <caf/actor_clock.hpp>
#include <caf/typed_response_promise.hpp>

#include <map>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace waybill {

using event_ptr = std::shared_ptr<const stored_event>;

struct feed_waiter {
  read_feed request;
  caf::typed_response_promise<feed_page> promise;
  /// Gets an empty page then.
  caf::actor_clock::time_point deadline;
};

/// Those who have seen the event log to its end and wait for what comes, found by what they wait for: an event is held
/// against the filters it may concern only, and once for all who have the same one. So thousands who each follow their
/// own orders cost nothing while others' orders move.
class feed_waiters {
public:
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }

  /// `who` has seen all that was announced until now.
  void add(feed_waiter who);

  /// Answers everybody whom one of `events` concerns. They are what follows in the log, up to `end`.
  void announce(std::span<const event_ptr> events, const log_position& end);

  /// Answers everybody whose time is over, with `end` as the place to go on from.
  void answer_overdue(caf::actor_clock::time_point time, const log_position& end);

  /// Removes everybody.
  std::vector<feed_waiter> take_all();

private:
  /// All with the same filter.
  struct group {
    std::string subject;
    std::vector<feed_waiter> members;
    /// Of the round of `announce` that is under way.
    std::vector<event_ptr> found;
  };
  using group_map = std::map<event_filter, group>;

  void find_groups(const std::string& subject, const event_ptr& event, std::vector<group_map::iterator>& concerned);
  void remove(group_map::iterator from);

  group_map groups_;
  /// By the most telling part of their filters.
  std::unordered_map<std::string, std::vector<group_map::iterator>> by_subject_;
  std::size_t count_ = 0;
};

} // namespace waybill
