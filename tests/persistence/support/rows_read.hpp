#pragma once

#include "persistence/database/connection.hpp"

#include <soci/sqlite3/soci-sqlite3.h>

#include <functional>

namespace waybill::test {

/// The cost of the reads of `function` over `database`, to tell a cost that grows with history from one that does not:
/// rows of tables and entries of indexes with PostgreSQL, steps of its virtual machine, a few for each row, with
/// SQLite. Begins and ends no transaction.
inline long long rows_read(connection& database, const std::function<void()>& function) {
  auto& session = database.session();
  if (database.kind() == dialect::sqlite) {
    auto* handle = static_cast<soci::sqlite3_session_backend*>(session.get_backend())->conn_;
    long long steps = 0;
    sqlite_api::sqlite3_progress_handler(
      handle, 1,
      [](void* count) {
        ++*static_cast<long long*>(count);
        return 0;
      },
      &steps);
    function();
    sqlite_api::sqlite3_progress_handler(handle, 0, nullptr, nullptr);
    return steps;
  }
  const auto count = [&] {
    long long rows = 0;
    session << "select pg_stat_force_next_flush()";
    session << "select pg_stat_clear_snapshot()";
    session << "select (select coalesce(sum(seq_tup_read), 0) from pg_stat_user_tables)::bigint "
               "+ (select coalesce(sum(idx_tup_read), 0) from pg_stat_user_indexes)::bigint",
      soci::into(rows);
    return rows;
  };
  const auto before = count();
  function();
  return count() - before;
}

} // namespace waybill::test
