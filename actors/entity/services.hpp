#pragma once

#include "actors/deadlines/cluster_time.hpp"
#include "actors/entity/tap/message_tap.hpp"
#include "messages/actors.hpp"
#include "messages/cluster/known_troubles.hpp"
#include "messages/cluster/placement.hpp"
#include "messages/journal/append_sequence.hpp"
#include "tracing/tracer.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace waybill {

/// Until when this node may serve, by the machine's monotonic clock. The membership actor renews it; regions check it
/// before each command, and entities before they answer from memory, because a process that was stopped wakes up in the
/// middle of its work. Thread-safe.
class serving_lease {
public:
  using clock = std::chrono::steady_clock;

  /// `now` reads the clock; tests bring their own.
  explicit serving_lease(std::function<clock::time_point()> now = clock::now) : now_(std::move(now)) {}

  [[nodiscard]] bool holds() const { return now_().time_since_epoch().count() < until_.load(); }
  void extend(clock::time_point until) noexcept { until_ = until.time_since_epoch().count(); }
  void end() noexcept { until_ = std::numeric_limits<clock::rep>::min(); }

private:
  std::function<clock::time_point()> now_;
  std::atomic<clock::rep> until_ = std::numeric_limits<clock::rep>::min();
};

/// What every entity of a node uses.
struct entity_services {
  std::string node;
  /// Each commits the appends of its own streams; see journal_of.
  std::vector<journal_actor> journals;
  /// Of the appends of the one journal. Null: entities wait for each commit.
  std::shared_ptr<append_sequence> sequence = nullptr;
  reader_actor reader;
  /// The time of day; tests bring their own.
  std::function<timestamp()> clock = waybill::now;
  /// The generation of the log that the node works on; it grows when a log takes the place of another one.
  std::function<std::uint64_t()> log_generation = [] { return std::uint64_t{0}; };
  /// Null: the node is alone and needs no lease.
  std::shared_ptr<const serving_lease> lease = nullptr;

  /// Null: no absence is known, deadlines are what they are.
  std::shared_ptr<const cluster_time> time = nullptr;

  /// Null: nothing is traced.
  std::shared_ptr<tracing::tracer> tracer = nullptr;

  /// What is wrong on this node, for operators.
  std::shared_ptr<known_troubles> troubles = std::make_shared<known_troubles>();

  /// The messages of orders that somebody traces.
  std::shared_ptr<message_tap> tap = std::make_shared<message_tap>();

  /// See cluster_time::judge.
  [[nodiscard]] std::optional<fair_deadline> judge(timestamp nominal, timestamp began, role_set roles) const {
    return time ? time->judge(nominal, began, roles) : fair_deadline{nominal};
  }

  [[nodiscard]] bool may_serve() const { return !lease || lease->holds(); }

  /// The journal of a stream: always the same one, so that the appends of a stream are committed in order.
  [[nodiscard]] const journal_actor& journal_of(std::string_view stream) const noexcept {
    return journals[shard_of(stream) % journals.size()];
  }
};

} // namespace waybill
