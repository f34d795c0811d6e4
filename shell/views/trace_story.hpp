#pragma once

#include "messages/cluster/message_trace.hpp"
#include "messages/journal/event_log.hpp"
#include "shell/views/trace_view.hpp"

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace waybill::shell {

/// Puts together what the nodes have noted of an order and what the log says, by time. Pure: no clock of its own.
///
/// What happens at one moment does not arrive at one moment: each line waits a little for others, which may be older.
/// What comes later than that stands where it came.
class trace_story {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit trace_story(milliseconds patience) : patience_(patience) {}

  /// What the nodes have answered at `now`. The nodes that are left out are named once for each reason.
  std::vector<untraced_node> add(const message_trace& noted, time_point now);
  void add(const stored_event& event, time_point now);
  void add(trace_line line, time_point now);

  /// For the next question.
  [[nodiscard]] const std::vector<seen_messages>& seen() const noexcept { return seen_; }

  /// The lines that have waited, and what is older than they are.
  std::vector<trace_line> take_due(time_point now);
  /// All that is left.
  std::vector<trace_line> take_all();

private:
  struct arrived_line {
    trace_line line;
    time_point arrived;
  };

  void add_messages(const noted_messages& noted, time_point now);
  /// How many of the node's messages were seen; its count from now on is for the caller to set.
  seen_messages& seen_of(const noted_messages& noted);
  std::vector<trace_line> take_until(timestamp last);

  milliseconds patience_;
  std::vector<arrived_line> waiting_;
  std::vector<seen_messages> seen_;
  /// The names of nodes by their processes.
  std::map<std::string, std::string> nodes_;
  std::vector<untraced_node> told_;
};

} // namespace waybill::shell
