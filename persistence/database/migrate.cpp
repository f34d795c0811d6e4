#include "domain/base/errors.hpp"
#include "persistence/database/connection.hpp"
#include "persistence/database/migrations.hpp"

#include <spdlog/spdlog.h>

namespace waybill {

namespace {

// Any number will do, as long as it stays the same.
constexpr auto take_lock = "select pg_advisory_xact_lock(7211640193)";

void run_script(soci::session& session, const std::string& sql) {
  for (std::size_t from = 0; from < sql.size();) {
    const auto end = sql.find(";\n", from);
    if (end == std::string::npos)
      return;
    session << sql.substr(from, end - from);
    from = end + 2;
  }
}

/// The number of the newest migration that was applied; zero in an empty database.
int current_schema(soci::session& session) {
  session << "create table if not exists schema_migrations (number integer primary key, name text not null, "
             "applied_at bigint not null)";
  int current = 0;
  session << "select coalesce(max(number), 0) from schema_migrations", soci::into(current);
  return current;
}

result<void> migrate_locked(soci::session& session, const std::vector<migration>& all) {
  const auto current = current_schema(session);
  if (!all.empty() && current > all.back().number)
    return failure{ec::unreadable, "the database has schema " + std::to_string(current) + ", this program knows "
                                     + std::to_string(all.back().number)};
  for (const auto& next : all) {
    if (next.number <= current)
      continue;
    spdlog::info("migration {} is applied", next.name);
    run_script(session, next.sql);
    const auto at = to_number(now());
    session << "insert into schema_migrations (number, name, applied_at) values (:number, :name, :at)",
      soci::use(next.number, "number"), soci::use(next.name, "name"), soci::use(at, "at");
  }
  return {};
}

/// Positions in the log are numbers of this server's transactions (docs/adr/0001). A dump that was restored into
/// another server brings higher ones than that has given out: nobody would see those events, and new ones would come
/// before them.
result<void> check_positions(soci::session& session) {
  std::string newest;
  soci::indicator ahead = soci::i_null;
  session << "select txid::text from (select txid from events order by txid desc, seq desc limit 1) newest "
             "where txid >= pg_snapshot_xmax(pg_current_snapshot())",
    soci::into(newest, ahead);
  if (!session.got_data())
    return {};
  return failure{ec::unreadable, "the event log ends at transaction " + newest
                                   + ", which this PostgreSQL server has not reached: it comes from a dump of another "
                                     "server; docs/operations.md (restore) says how to go on"};
}

} // namespace

result<void> migrate(const store_config& config) {
  connection database{config, access::migrate};
  try {
    // One transaction for all: a crash in the middle leaves the old schema, and a second process waits for the first.
    database.begin();
    const bool sqlite = database.kind() == dialect::sqlite;
    if (!sqlite) {
      database.session() << take_lock;
      // Behind the lock: of two that make one schema at once, PostgreSQL lets one fail in spite of `if not exists`.
      if (!config.schema.empty())
        database.session() << "create schema if not exists " + config.schema;
    }
    auto outcome = migrate_locked(database.session(), sqlite ? sqlite_migrations() : postgresql_migrations());
    if (outcome && !sqlite)
      outcome = check_positions(database.session());
    if (outcome)
      database.commit();
    else
      database.rollback();
    return outcome;
  } catch (const std::exception& problem) {
    auto reason = database.explain(std::current_exception());
    if (database.kind() == dialect::sqlite && reason.code == ec::unavailable)
      reason.detail = "cannot open the database file " + config.url.substr(config.url.find(':') + 1);
    return reason;
  }
}

} // namespace waybill
