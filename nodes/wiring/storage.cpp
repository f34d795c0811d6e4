#include "nodes/wiring/storage.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "persistence/backup/sqlite_restore.hpp"
#include "persistence/files/sqlite_file.hpp"
#include "persistence/readers/reader_actor.hpp"

namespace waybill {

namespace {

result<std::shared_ptr<const database_lock>> take_files(const std::string& path) {
  auto lock = database_lock::take(path);
  if (lock.has_error())
    return lock;
  if (is_half_restored(path))
    return failure{ec::conflict, "a restore of " + path + " was begun and did not end: repeat waybill restore"};
  return lock;
}

} // namespace

result<storage> open_storage(caf::actor_system& sys, const store_config& config, const std::string& node,
                             const connection_counts& counts, const journal_settings& journal,
                             const supervise_actor& supervise) {
  storage opened;
  opened.watch = std::make_shared<log_watch>();
  auto store = config;
  store.watch = opened.watch;
  const auto path = sqlite_path(store.url);
  if (path) {
    auto lock = take_files(*path);
    if (lock.has_error())
      return lock.error();
    opened.lock = std::move(*lock);
  }
  if (auto migrated = migrate(store); migrated.has_error())
    return migrated.error();
  if (path)
    for (const auto& exposed : find_exposed_files(*path))
      log_warning("{}", exposed);
  opened.listeners = std::make_shared<log_listeners>();
  // The appends of several journals have no order among them.
  if (counts.journals == 1)
    opened.sequence = std::make_shared<append_sequence>();
  for (std::uint32_t i = 0; i < counts.journals; ++i) {
    const auto& health = opened.journal_health.emplace_back(std::make_shared<connection_health>());
    opened.journals.push_back(
      spawn_journal(sys, open_journal_store(store, node), journal,
                    {.listeners = opened.listeners, .health = health, .sequence = opened.sequence}));
  }
  opened.reader = spawn_reader(
    sys, [store] { return open_query_store(store); },
    {.connections = counts.readers, .scan_connections = counts.scanners}, &opened.reader_health, supervise);
  return opened;
}

store_config ledger_store(const store_config& store) {
  auto ledger = store;
  if (sqlite_path(store.url))
    ledger.url += ".provider";
  else
    ledger.schema = "simulated_provider";
  return ledger;
}

} // namespace waybill
