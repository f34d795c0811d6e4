#pragma once

#include "persistence/database/connection.hpp"

#include <string>
#include <vector>

namespace waybill {

struct migration {
  int number = 0;
  std::string name;
  /// Statements, each ended by a semicolon at the end of a line.
  std::string sql;
};

/// In the order of their numbers; made from persistence/migrations at configuration time. Both databases use the same
/// numbers: a migration that only one of them has leaves a gap in the other.
const std::vector<migration>& sqlite_migrations();
const std::vector<migration>& postgresql_migrations();

/// Applies the migrations of `all` that the database does not have, in order, within the transaction under way. Fails
/// with ec::unreadable when the database has one that is not among them, or lacks one below the highest that it has.
result<void> apply_migrations(connection& database, const std::vector<migration>& all);

} // namespace waybill
