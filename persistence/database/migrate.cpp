#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "persistence/database/migrations.hpp"
#include "persistence/files/sqlite_file.hpp"
#include "persistence/search/product_search.hpp"
#include "persistence/trouble/known_stores.hpp"
#include "persistence/trouble/session_check.hpp"

#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <map>

namespace waybill {

namespace {

// Any number will do, as long as it stays the same.
constexpr auto lock_migrations = "select pg_advisory_xact_lock(7211640193)";

/// SQLite's migrations had numbers of their own before both databases shared theirs; databases of that time record the
/// old ones. The highest comes first, so that each new number is free when it is taken.
struct renumbered_migration {
  std::string old_name;
  int number;
  std::string name;
};
const renumbered_migration renumbered_in_sqlite[] = {{"0006_event_horizon", 8, "0008_event_horizon"},
                                                     {"0005_webhooks", 7, "0007_webhooks"},
                                                     {"0004_couriers", 6, "0006_couriers"},
                                                     {"0002_accounts", 4, "0004_accounts"}};

void run_script(soci::session& session, const std::string& sql) {
  for (std::size_t from = 0; from < sql.size();) {
    const auto end = sql.find(";\n", from);
    if (end == std::string::npos)
      return;
    session << sql.substr(from, end - from);
    from = end + 2;
  }
}

void renumber_in_sqlite(soci::session& session) {
  for (const auto& migration : renumbered_in_sqlite)
    session << "update schema_migrations set number = :number, name = :name where name = :old_name",
      soci::use(migration.number, "number"), soci::use(migration.name, "name"),
      soci::use(migration.old_name, "old_name");
}

/// The names of the migrations that were applied, by their numbers.
std::map<int, std::string> read_applied(soci::session& session) {
  std::map<int, std::string> applied;
  int number = 0;
  std::string name;
  soci::statement rows =
    (session.prepare << "select number, name from schema_migrations", soci::into(number), soci::into(name));
  for (rows.execute(); rows.fetch();)
    applied.emplace(number, name);
  return applied;
}

bool is_known(const std::vector<migration>& all, int number) {
  return std::any_of(all.begin(), all.end(), [&](const migration& known) { return known.number == number; });
}

/// In a file of another program our tables would lie among its own. It may call its list of migrations as we do. Asked
/// over a connection that sets nothing up: that would write to the file.
result<void> check_owner(const std::string& path) {
  try {
    soci::session session{soci::sqlite3, "db=\"" + path + "\""};
    std::string table;
    int ours = 0;
    session << "select coalesce(min(name), '') from sqlite_master where type = 'table' and substr(name, 1, 7) <> "
               "'sqlite_'",
      soci::into(table);
    session << "select count(*) from pragma_table_info('schema_migrations') where name = 'applied_at'",
      soci::into(ours);
    if (table.empty() || ours != 0)
      return {};
    return failure{ec::unreadable, "the database file " + path + " is another program's: it has the table '" + table
                                     + "', and none that says which migrations of Waybill it has"};
  } catch (const std::exception&) {
    // Whoever opens it says what is wrong with it.
    return {};
  }
}

/// Positions in the log are numbers of this server's transactions (docs/adr/0001). A dump that was restored into
/// another server brings higher ones than that has given out: nobody would see those events, and new ones would come
/// before them.
result<void> check_positions(soci::session& session) {
  std::string newest;
  soci::indicator ahead = soci::i_null;
  session << "select txid::text from (select txid from appends order by txid desc, seq desc limit 1) newest "
             "where txid >= pg_snapshot_xmax(pg_current_snapshot())",
    soci::into(newest, ahead);
  if (!session.got_data())
    return {};
  return failure{ec::unreadable, "the event log ends at transaction " + newest
                                   + ", which this PostgreSQL server has not reached: it comes from a dump of another "
                                     "server; docs/operations.md (restore) says how to go on"};
}

/// Of the log (docs/adr/0017).
std::uint64_t read_generation(soci::session& session) {
  long long generation = 0;
  session << "select generation from event_horizon", soci::into(generation);
  return static_cast<std::uint64_t>(generation);
}

} // namespace

result<void> apply_migrations(connection& database, const std::vector<migration>& all) {
  auto& session = database.session();
  session << "create table if not exists schema_migrations (number integer primary key, name text not null, "
             "applied_at bigint not null)";
  if (database.kind() == dialect::sqlite)
    renumber_in_sqlite(session);
  const auto applied = read_applied(session);
  for (const auto& [number, name] : applied)
    if (!is_known(all, number))
      return failure{ec::unreadable, "the database has the migration " + name + " (" + std::to_string(number)
                                       + "), which this program does not know: a newer program made it"};
  for (const auto& next : all) {
    if (applied.contains(next.number))
      continue;
    if (!applied.empty() && next.number < applied.rbegin()->first)
      return failure{ec::unreadable, "the database has the migration " + applied.rbegin()->second + ", but not "
                                       + next.name
                                       + ", which comes before it: a new migration gets the highest number"};
    log_info("migration {} is applied", next.name);
    run_script(session, next.sql);
    const auto at = to_number(now());
    session << "insert into schema_migrations (number, name, applied_at) values (:number, :name, :at)",
      soci::use(next.number, "number"), soci::use(next.name, "name"), soci::use(at, "at");
  }
  return {};
}

result<void> migrate(const store_config& config) {
  known_stores::begin(config.url);
  const auto path = sqlite_path(config.url);
  if (path && identify_file(*path))
    if (auto ours = check_owner(*path); ours.has_error())
      return ours;
  if (!path)
    if (auto kept = check_session_state(config.url); kept.has_error())
      return kept;
  connection database{config, access::migrate};
  try {
    // One transaction for all: a crash in the middle leaves the old schema, and a second process waits for the first.
    database.begin();
    const bool sqlite = database.kind() == dialect::sqlite;
    if (!sqlite) {
      database.session() << lock_migrations;
      // After the lock: when two processes make one schema at the same time, one fails in spite of `if not exists`.
      if (!config.schema.empty())
        database.session() << "create schema if not exists " + config.schema;
    }
    auto outcome = apply_migrations(database, sqlite ? sqlite_migrations() : postgresql_migrations());
    if (outcome)
      fill_product_texts(database.session());
    if (outcome && !sqlite)
      outcome = check_positions(database.session());
    if (outcome && !sqlite)
      adopt_log(database.session());
    if (outcome)
      database.watch().note(read_generation(database.session()));
    if (outcome)
      database.commit();
    else
      database.rollback();
    // The file may just have been made.
    known_stores::begin(config.url);
    return outcome;
  } catch (const std::exception& problem) {
    auto reason = database.explain(std::current_exception());
    if (path && reason.code == ec::unavailable)
      reason.detail = "cannot open the database file " + *path + ": "
                      + (trouble_of(reason) == store_trouble::away ? problem.what() : reason.detail);
    return reason;
  }
}

} // namespace waybill
