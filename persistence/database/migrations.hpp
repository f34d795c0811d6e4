#pragma once

#include <string>
#include <vector>

namespace waybill {

struct migration {
  int number = 0;
  std::string name;
  /// Statements, each ended by a semicolon at the end of a line.
  std::string sql;
};

/// In the order of their numbers; made from persistence/migrations at configuration time.
const std::vector<migration>& sqlite_migrations();
const std::vector<migration>& postgresql_migrations();

} // namespace waybill
