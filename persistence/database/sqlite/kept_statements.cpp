#include "persistence/database/sqlite/kept_statements.hpp"

#include <soci/sqlite3/soci-sqlite3.h>

#include <utility>

namespace waybill {

std::optional<soci::statement> kept_statements::take(const std::string& sql) {
  const auto kept = statements_.find(sql);
  if (kept == statements_.end())
    return std::nullopt;
  auto statement = kept->second;
  statements_.erase(kept);
  return statement;
}

void kept_statements::put(const std::string& sql, soci::statement statement) {
  // SOCI includes SQLite's header in this namespace.
  using namespace sqlite_api;
  statement.bind_clean_up();
  auto* handle = static_cast<soci::sqlite3_statement_backend*>(statement.get_backend())->stmt_;
  sqlite3_reset(handle);
  sqlite3_clear_bindings(handle);
  if (statements_.size() >= most)
    statements_.clear();
  statements_.emplace(sql, std::move(statement));
}

} // namespace waybill
