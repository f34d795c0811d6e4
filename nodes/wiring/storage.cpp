#include "nodes/wiring/storage.hpp"

#include "persistence/queries/reader_actor.hpp"

namespace waybill {

result<storage> open_storage(caf::actor_system& sys, const store_config& store, const std::string& node,
                             std::uint32_t journals, const journal_settings& journal, std::uint32_t readers,
                             const supervise_actor& supervise) {
  if (auto migrated = migrate(store); migrated.has_error())
    return migrated.error();
  storage opened;
  opened.listeners = std::make_shared<log_listeners>();
  for (std::uint32_t i = 0; i < journals; ++i) {
    const auto& health = opened.journal_health.emplace_back(std::make_shared<connection_health>());
    opened.journals.push_back(spawn_journal(sys, open_journal_store(store, node), journal, opened.listeners, health));
  }
  opened.reader = spawn_reader(
    sys, [store] { return open_query_store(store); }, {.connections = readers}, &opened.reader_health, supervise);
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
