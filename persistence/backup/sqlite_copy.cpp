#include "persistence/backup/sqlite_copy.hpp"

#include "domain/base/errors.hpp"
#include "persistence/files/sqlite_file.hpp"

#include <soci/sqlite3/soci-sqlite3.h>

#include <filesystem>
#include <memory>
#include <stdexcept>

namespace waybill {

// SOCI includes SQLite's header in this namespace.
using namespace sqlite_api;

namespace {

/// SQLite's own interface: SOCI has none for backups. Throws std::runtime_error.
class sqlite_handle {
public:
  sqlite_handle(const std::string& path, int flags) : path_{path} {
    sqlite3* opened = nullptr;
    const auto code = sqlite3_open_v2(path.c_str(), &opened, flags, nullptr);
    handle_.reset(opened);
    require(code);
    constexpr int patience_ms = 60'000;
    sqlite3_busy_timeout(opened, patience_ms);
  }

  void run(const std::string& sql) { require(sqlite3_exec(get(), sql.c_str(), nullptr, nullptr, nullptr)); }

  void copy_to(sqlite_handle& target) {
    constexpr int all_pages = -1;
    auto* backup = sqlite3_backup_init(target.get(), "main", get(), "main");
    if (backup == nullptr)
      target.require(sqlite3_errcode(target.get()));
    sqlite3_backup_step(backup, all_pages);
    target.require(sqlite3_backup_finish(backup));
  }

private:
  struct closer {
    void operator()(sqlite3* handle) const noexcept { sqlite3_close(handle); }
  };

  sqlite3* get() { return handle_.get(); }

  void require(int code) {
    if (code != SQLITE_OK)
      throw std::runtime_error{path_ + ": " + (handle_ ? sqlite3_errmsg(get()) : sqlite3_errstr(code))};
  }

  std::string path_;
  std::unique_ptr<sqlite3, closer> handle_;
};

/// A path as a literal of SQL.
std::string sql_literal(const std::string& text) {
  std::string literal{"'"};
  for (const char c : text)
    literal += c == '\'' ? std::string{"''"} : std::string{c};
  return literal + "'";
}

/// Reads a database as it was when this was made.
std::unique_ptr<sqlite_handle> open_snapshot(const std::string& path) {
  auto snapshot = std::make_unique<sqlite_handle>(path, SQLITE_OPEN_READWRITE);
  snapshot->run("begin");
  // The snapshot is taken by the first read.
  snapshot->run("select count(*) from sqlite_master");
  return snapshot;
}

void copy_snapshot(sqlite_handle& snapshot, const std::string& path) {
  // A leftover of an attempt that failed.
  for (const auto& file : files_of(path))
    std::filesystem::remove(file);
  if (const auto made = make_private_file(path); made.has_error())
    throw std::runtime_error{made.error().detail};
  sqlite_handle target{path, SQLITE_OPEN_READWRITE};
  snapshot.copy_to(target);
}

} // namespace

database_files files_of_backup(const std::string& folder) {
  return {folder + "/waybill.db", folder + "/waybill.db.provider"};
}

// While both databases are locked for writers nothing happens between the two snapshots. Readers, and the copying, need
// no lock.
result<void> copy_databases(const database_files& from, const database_files& to) {
  if (!std::filesystem::exists(from.store))
    return failure{ec::not_found, "there is no database " + from.store};
  try {
    const bool with_ledger = std::filesystem::exists(from.ledger);
    std::unique_ptr<sqlite_handle> store;
    std::unique_ptr<sqlite_handle> ledger;
    {
      sqlite_handle locks{from.store, SQLITE_OPEN_READWRITE};
      if (with_ledger)
        locks.run("attach database " + sql_literal(from.ledger) + " as ledger");
      locks.run("begin immediate");
      store = open_snapshot(from.store);
      if (with_ledger)
        ledger = open_snapshot(from.ledger);
      locks.run("rollback");
    }
    copy_snapshot(*store, to.store);
    if (ledger)
      copy_snapshot(*ledger, to.ledger);
    sync_to_disk(folder_of(to.store));
    return {};
  } catch (const std::exception& problem) {
    return failure{ec::unavailable, problem.what()};
  }
}

} // namespace waybill
