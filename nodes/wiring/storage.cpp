#include "nodes/wiring/storage.hpp"

#include "persistence/queries/reader_actor.hpp"

namespace waybill {

result<storage> open_storage(caf::actor_system& sys, const store_config& config, const std::string& node,
                             std::uint32_t journals, std::uint32_t readers) {
  storage opened;
  opened.watch = std::make_shared<log_watch>();
  auto store = config;
  store.watch = opened.watch;
  if (auto migrated = migrate(store); migrated.has_error())
    return migrated.error();
  opened.listeners = std::make_shared<log_listeners>();
  for (std::uint32_t i = 0; i < journals; ++i) {
    const auto& health = opened.journal_health.emplace_back(std::make_shared<connection_health>());
    opened.journals.push_back(spawn_journal(sys, open_journal_store(store, node), {}, opened.listeners, health));
  }
  opened.reader = spawn_reader(
    sys, [store] { return open_query_store(store); }, {.connections = readers}, &opened.reader_health);
  return opened;
}

store_config ledger_store(const store_config& store) {
  auto ledger = store;
  if (store.url.starts_with("sqlite:"))
    ledger.url += ".provider";
  else
    ledger.schema = "simulated_provider";
  return ledger;
}

} // namespace waybill
