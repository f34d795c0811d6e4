#pragma once

#include "persistence/queries/log/event_horizon.hpp"
#include "persistence/store.hpp"

#include <memory>
#include <optional>
#include <string>

namespace waybill {

/// What may be removed at the most.
struct trim_bounds {
  /// Only events that were recorded before.
  timestamp recorded_before;
  /// The lowest position from which a follower of the log reads on after a restart.
  log_position not_beyond;
};

struct trim_limits {
  /// Events of a range, and so of a file of the archive, at most.
  std::uint64_t range = 10'000;
  /// Events that one transaction removes, at most: it holds up writers and readers.
  std::uint64_t batch = 1'000;
};

/// What is to be done next.
struct trim_plan {
  event_horizon horizon;
  /// When the oldest event that is kept was recorded; nothing when there is none.
  std::optional<timestamp> oldest;
  /// A stream whose stored state is older than its next event, so that nothing more can go before it moves on.
  std::string held_by;
};

struct removed_batch {
  event_horizon horizon;
  std::uint64_t events = 0;
};

/// Removes the oldest events of the log (docs/adr/0015). Blocks; belongs to one thread at a time; reconnects by itself.
/// When several work on one database, all but one fail with ec::conflict and have changed nothing. Every function fails
/// with ec::unavailable when the database cannot be reached.
class log_trimmer {
public:
  virtual ~log_trimmer() = default;

  /// The range under way in `horizon.range`, or a new one, which is recorded so that another process can finish it. A
  /// range is a contiguous part of the log from the horizon on: of events that are old enough, that every follower has
  /// read, and without which every entity can be loaded. Never the newest event. No range: nothing may be removed now.
  virtual result<trim_plan> plan(const trim_bounds& bounds) = 0;

  /// Events of `range` behind `after`, at most as many as a batch; none when there are no more. The same each time.
  virtual result<log_page> read(const log_range& range, log_position after) = 0;

  /// Removes the first batch of what is left of `range` and moves the horizon behind it, in one transaction. Fails with
  /// ec::conflict when another process did so meanwhile.
  virtual result<removed_batch> remove(const log_range& range) = 0;
};

/// A connection of its own. The database must have been migrated.
std::unique_ptr<log_trimmer> open_log_trimmer(const store_config& config, trim_limits limits = {});

} // namespace waybill
