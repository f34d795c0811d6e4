#pragma once

#include "messages/cluster/cluster_singleton.hpp"
#include "messages/type_ids.hpp"
#include "persistence/retention/event_archive.hpp"
#include "persistence/retention/log_trimmer.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/telemetry/counter.hpp>
#include <caf/telemetry/gauge.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace waybill {

struct retention_settings {
  /// Events older than that are removed; zero: none is removed.
  milliseconds keep{0};
  /// The folder where they are archived before; empty: they are not archived.
  std::string archive;
  trim_limits limits;
  /// How often it looks whether something has become old enough: `keep` divided by `looks`, within these bounds.
  std::int64_t looks = 24;
  milliseconds shortest_interval{500};
  milliseconds longest_interval{60 * 60'000};
  /// Between two batches, so that the journals can write.
  milliseconds pause{10};
  /// After a failure: doubles from the first to the longest.
  milliseconds retry_first{1'000};
  milliseconds retry_longest{60'000};
  /// How often the same failure is logged.
  milliseconds complain_interval{10 * 60'000};

  [[nodiscard]] bool enabled() const noexcept { return keep.count() > 0; }
  [[nodiscard]] milliseconds interval() const;
};

/// An actor that follows the log and goes on, after a restart, from a stored position. Events behind that position are
/// kept.
struct log_follower {
  std::string name;
  /// The lowest of its positions; nothing while it has not stored one. Then no event is removed.
  std::function<result<std::optional<log_position>>(query_store&)> find_position;
};

/// What the actor works with; it shares none of it.
struct retention_parts {
  std::unique_ptr<log_trimmer> trimmer;
  std::unique_ptr<query_store> reader;
  std::vector<log_follower> followers;
  /// Null: nothing is archived.
  std::unique_ptr<event_archive> archive;
  std::function<timestamp()> clock = now;
};

/// Archives and removes old events, in batches. One in the whole cluster works, on the node of the notification role
/// that owns its shard; a second one would be refused with ec::conflict. Blocks. Ends with send_exit.
using retention_actor = caf::typed_actor<caf::result<void>(placement)>;

/// Counts as waybill_retention_*.
struct retention_metrics {
  explicit retention_metrics(caf::actor_system& sys);

  caf::telemetry::int_counter* removed;
  caf::telemetry::int_counter* failures;
  /// 1 while the last attempt failed.
  caf::telemetry::int_gauge* failing;
  caf::telemetry::int_gauge* horizon;
  /// Of the oldest event that is kept.
  caf::telemetry::dbl_gauge* oldest_age;
};

class retention_state {
public:
  static inline const char* name = "waybill.retention";

  retention_state(retention_actor::pointer self, retention_parts parts, retention_settings settings);

  retention_actor::behavior_type make_behavior();

private:
  /// How long to wait until the next step, or why this one failed.
  using next_step = result<milliseconds>;

  void place(const placement& next);
  void step();
  next_step take_step();
  next_step work_on(const log_range& range, bool begun);
  result<std::optional<log_position>> lowest_position();
  void note_nothing_to_do(const trim_plan& plan);
  void note_removed(const log_range& range, const removed_batch& done);
  milliseconds note_failure(const failure& reason);
  void after(milliseconds pause);
  void wait(std::uint64_t round);

  retention_actor::pointer self_;
  retention_parts parts_;
  retention_settings settings_;
  retention_metrics metrics_;
  cluster_singleton singleton_{"retention"};
  bool here_ = false;
  /// Steps that were planned in earlier rounds are not taken.
  std::uint64_t round_ = 0;
  caf::actor_clock::time_point due_;
  /// The range under way, with its archive if there is one, can be removed.
  std::optional<log_range> ready_;
  /// Of the range under way.
  std::string archived_as_;
  std::uint64_t removed_of_range_ = 0;
  std::uint32_t failed_ = 0;
  std::string logged_failure_;
  timestamp logged_failure_at_;
  /// The follower or stream that it waits for, as it was last logged.
  std::string waits_for_;
};

/// In a thread of its own.
retention_actor spawn_retention(caf::actor_system& sys, retention_parts parts, const retention_settings& settings);

} // namespace waybill
