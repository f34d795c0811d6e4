#pragma once

#include "domain/base/result.hpp"
#include "messages/cluster/absence.hpp"
#include "persistence/database/store_config.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <vector>

namespace waybill {

struct presence_settings {
  /// A role that nobody was seen to serve for longer was away.
  milliseconds away_after{4'000};
  /// Absences that ended longer ago are forgotten: no step takes so long.
  milliseconds keep{std::chrono::hours{24 * 30}};
};

/// What a look at the table shows.
struct presence {
  /// What the database's clock said, at this time of the machine's steady clock or just before.
  timestamp time;
  std::chrono::steady_clock::time_point taken;
  /// All that are kept, and those that last.
  std::vector<absence> absences;
  /// When each role was seen to be served by another node; those that the asking node serves are not here.
  std::map<role, timestamp> last_seen;
};

/// When each role was last seen to work, and when none of its nodes could, for all nodes of a database. Blocks; belongs
/// to one thread at a time; connects anew after a failure.
class presence_table {
public:
  virtual ~presence_table() = default;

  /// This node serves `serving` now. An absence of one of them ends with this, and is recorded by whichever node comes
  /// first. `local`: the time for SQLite, which has no clock of its own. Fails with ec::unavailable.
  virtual result<presence> look(const std::vector<role>& serving, timestamp local) = 0;
};

/// A connection of its own. The database must have been migrated.
std::unique_ptr<presence_table> open_presence_table(const store_config& config, const presence_settings& settings = {});

} // namespace waybill
