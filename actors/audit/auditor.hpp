#pragma once

#include "actors/entity/services.hpp"
#include "messages/journal/audit.hpp"

#include <functional>

namespace waybill {

struct auditor_settings {
  bool enabled = true;
  /// What the auditor may read of the database, on the average.
  std::uint32_t rows_per_second = 2'000;
  /// Events that are taken from the log at once.
  std::uint32_t page_size = 200;
  /// While more than this is read and not yet looked at, no more is read; a unit that moves on meanwhile is looked at
  /// once.
  std::size_t window = 10'000;
  /// How often the log is read when there was nothing new.
  milliseconds poll_interval{1'000};
  /// How often the progress becomes durable; besides with each violation.
  milliseconds save_interval{5'000};
  /// From the beginning of one walk over all tables to that of the next.
  milliseconds walk_interval{60 * 60'000};
  /// How often open violations are checked again.
  milliseconds recheck_interval{60'000};
  /// More open violations than this are counted and logged, but not remembered one by one.
  std::size_t most_open = 1'000;
  /// The age of the oldest event that readers of the log may not pass yet. Called by the auditor's thread; null: none.
  std::function<milliseconds()> unread_age = {};
};

/// Checks the invariants: follows the log and checks the units of its events, and walks over all tables from time to
/// time, because stored data can be wrong without an event. Both share a budget. A violation is an event
/// (`audit.violation_found`), a metric and a log line, and stays open until a later check finds that the invariant
/// holds again (`audit.violation_cleared`).
///
/// One in the whole cluster, on the node of the notification role that owns its shard; those of other nodes wait. Its
/// stream keeps its progress; of two that write, one loses the race for the stream and reads again (G2). Ends with
/// send_exit.
using auditor_actor = caf::typed_actor<caf::result<void>(placement)>;

auditor_actor spawn_auditor(caf::actor_system& sys, const entity_services& services, const audit_checker_actor& checker,
                            const auditor_settings& settings);

/// The stream of the auditor, under which it keeps its state.
inline constexpr const char* audit_stream = "audit";

/// The unit of the files themselves: a checker answers when they are not damaged.
inline constexpr const char* stored_files_unit = "files";

/// What to tell of the auditor: `stored` is its stored state, `next` what follows in the log behind its position. Fails
/// with ec::unreadable.
result<audit_report> make_audit_report(const stored_entity& stored, const log_page& next, timestamp now);

/// Where the auditor with this state goes on to read.
result<log_position> audit_position(const stored_entity& stored);

/// Checks everything once, with a checker of its own made by `make_checker`. Ends with send_exit.
full_auditor_actor spawn_full_auditor(caf::actor_system& sys, std::function<audit_checker_actor()> make_checker);

} // namespace waybill
