#pragma once

#include "domain/base/result.hpp"
#include "domain/order/order_streams.hpp"
#include "messages/cluster/message_trace.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace waybill {

struct tap_limits {
  /// Traces at once.
  std::size_t traces = 8;
  /// Messages of one trace that its asker has not seen; the oldest are dropped.
  std::size_t messages = 1'000;
  /// A trace ends when its asker has not asked for so long.
  milliseconds patience{10'000};
};

/// Notes the messages of the orders that somebody traces on this node, within its limits. Thread-safe.
///
/// Those who would have something to note ask `is_on` first: while nobody traces anything, a message costs that one
/// load.
class message_tap {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit message_tap(tap_limits limits = {}) : limits_(limits) {}

  /// A trace that began a moment ago may not be seen yet.
  [[nodiscard]] bool is_on() const noexcept { return is_on_.load(std::memory_order_relaxed); }

  /// Notes a message about the entity `id`, or one that names the order or delivery `also`, in the traces of their
  /// order: calls `make` with the order's id for each, which returns a traced_message.
  template <class Make>
  void note(std::string_view id, std::string_view also, Make make) {
    const std::lock_guard guard{mutex_};
    for (auto& traced : traces_)
      if (is_stream_of_order(id, traced.order) || is_stream_of_order(also, traced.order))
        add(traced, make(traced.order));
  }

  /// Begins the trace that `query` asks for, or goes on with it: forgets what the asker has seen, and answers with the
  /// rest, as from `node`. `since` names a trace that begins. Fails with ec::invalid_argument for what is no order's
  /// id, ec::overloaded when as many traces are under way as can be.
  result<noted_messages> fetch(const trace_messages& query, const std::string& node, timestamp since, time_point now);

  /// Ends the traces whose askers are gone; false when none is left.
  bool expire(time_point now);

private:
  struct trace {
    std::string order;
    std::uint64_t asker = 0;
    timestamp since{};
    time_point asked_at{};
    /// Since it began, those that were dropped or seen among them.
    std::uint64_t noted = 0;
    std::deque<traced_message> unseen{};
  };

  void add(trace& to, traced_message message) const;
  static void forget_seen(trace& of, const trace_messages& query, const std::string& node);

  const tap_limits limits_;
  std::atomic<bool> is_on_ = false;
  std::mutex mutex_;
  std::vector<trace> traces_;
};

} // namespace waybill
