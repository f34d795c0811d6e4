#include "persistence/backup/sqlite_restore.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/time.hpp"
#include "persistence/files/database_lock.hpp"
#include "persistence/files/sqlite_file.hpp"
#include "persistence/queries/log/event_horizon.hpp"
#include "persistence/trouble/known_stores.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace waybill {

namespace {

namespace fs = std::filesystem;

std::string draft_of(const std::string& path) {
  return path + ".restoring";
}

store_config sqlite_store(const std::string& path) {
  store_config config;
  config.url = "sqlite:" + path;
  return config;
}

/// Gives the files of the database other names, its log with it: a log that does not belong to the new file would
/// damage it.
void put_aside(const std::string& path, const std::string& suffix, std::vector<std::string>& kept) {
  for (const auto& file : files_of(path)) {
    if (!fs::exists(file))
      continue;
    auto name = path + suffix + file.substr(path.size());
    fs::rename(file, name);
    kept.push_back(std::move(name));
  }
}

void copy_private(const std::string& from, const std::string& to) {
  if (const auto made = make_private_file(to); made.has_error())
    throw std::runtime_error{made.error().detail};
  fs::copy_file(from, to, fs::copy_options::overwrite_existing);
  // The copy got the rights of the original.
  fs::permissions(to, fs::perms::owner_read | fs::perms::owner_write);
  sync_to_disk(to);
}

/// As files, because a backup may lie where nothing can be written. Of a folder that was copied while its node was
/// stopped the log belongs to it.
result<void> copy_backup(const database_files& backup, const database_files& drafts) {
  if (!fs::exists(backup.store))
    return failure{ec::not_found, "there is no backup: " + backup.store + " is missing"};
  if (const auto unused = database_lock::take(backup.store); unused.has_error() && unused.error().code == ec::conflict)
    return unused.error();
  for (const auto& [from, to] : {std::pair{backup.store, drafts.store}, std::pair{backup.ledger, drafts.ledger}}) {
    for (const auto& leftover : files_of(to))
      fs::remove(leftover);
    for (const std::string part : {"", "-wal"})
      if (fs::exists(from + part))
        copy_private(from + part, to + part);
  }
  return {};
}

/// Nothing of a database may be in its log any more, because the file gets another name without it.
void require_closed(const std::string& path) {
  if (fs::exists(path + "-wal"))
    throw std::runtime_error{path + " is still open"};
}

result<database_report> prepare(const database_files& drafts, bool audit) {
  std::optional<store_config> ledger;
  if (fs::exists(drafts.ledger))
    ledger = sqlite_store(drafts.ledger);
  const auto store = sqlite_store(drafts.store);
  // First, because a damaged file must not be written.
  if (auto sound = check_database(store, ledger, false); sound.has_error())
    return sound;
  // Brings it up to date first. Cursors that clients have are of the log that was there (docs/adr/0017).
  if (auto begun = begin_log_generation(store); begun.has_error())
    return begun.error();
  return check_database(store, ledger, audit);
}

std::string now_as_suffix() {
  auto suffix = ".replaced-" + to_rfc3339(now());
  std::erase(suffix, ':');
  return suffix;
}

} // namespace

bool is_half_restored(const std::string& path) {
  std::error_code ignored;
  return !fs::exists(path, ignored) && fs::exists(draft_of(path), ignored);
}

// The store is taken away first and put back last: while it is missing, is_half_restored() tells.
result<restored_database> restore_databases(const database_files& backup, const database_files& place, bool audit) {
  const auto store_lock = database_lock::take(place.store);
  if (store_lock.has_error())
    return store_lock.error();
  const auto ledger_lock = database_lock::take(place.ledger);
  if (ledger_lock.has_error())
    return ledger_lock.error();
  const database_files drafts{draft_of(place.store), draft_of(place.ledger)};
  try {
    if (auto copied = copy_backup(backup, drafts); copied.has_error())
      return copied.error();
    auto report = prepare(drafts, audit);
    if (report.has_error())
      return report.error();
    require_closed(drafts.store);
    require_closed(drafts.ledger);
    restored_database restored{std::move(*report), {}};
    const auto suffix = now_as_suffix();
    put_aside(place.store, suffix, restored.kept);
    put_aside(place.ledger, suffix, restored.kept);
    if (fs::exists(drafts.ledger))
      fs::rename(drafts.ledger, place.ledger);
    sync_to_disk(folder_of(place.store));
    fs::rename(drafts.store, place.store);
    sync_to_disk(folder_of(place.store));
    // Should this process have known what was there before.
    known_stores::begin(sqlite_store(place.store).url);
    known_stores::begin(sqlite_store(place.ledger).url);
    return restored;
  } catch (const std::exception& problem) {
    return failure{ec::unavailable, problem.what()};
  }
}

} // namespace waybill
