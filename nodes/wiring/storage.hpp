#pragma once

#include "messages/supervision.hpp"
#include "nodes/options/config.hpp"
#include "persistence/journal/journal_actor.hpp"
#include "persistence/journal/log_listeners.hpp"

#include <memory>
#include <vector>

namespace waybill {

/// The actors of one database, each with a connection and a thread of its own.
struct storage {
  std::shared_ptr<log_listeners> listeners;
  std::vector<journal_actor> journals;
  reader_actor reader;
  /// One for each journal and for each connection of the reader.
  std::vector<std::shared_ptr<connection_health>> journal_health;
  std::vector<std::shared_ptr<connection_health>> reader_health;
};

/// Brings the schema up to date and connects; `supervise` gets the readers behind the handle. Fails with
/// ec::unavailable and ec::unreadable (see migrate).
result<storage> open_storage(caf::actor_system& sys, const store_config& store, const std::string& node,
                             std::uint32_t journals, const journal_settings& journal, std::uint32_t readers,
                             const supervise_actor& supervise);

/// Where the simulated payment provider keeps its ledger: apart from ours, so that the two can be compared. A file of
/// its own beside ours, or a schema of its own.
store_config ledger_store(const store_config& store);

} // namespace waybill
