#pragma once

#include "messages/supervision.hpp"
#include "nodes/options/config.hpp"
#include "persistence/files/database_lock.hpp"
#include "persistence/journal/journal_actor.hpp"
#include "persistence/journal/log_listeners.hpp"
#include "persistence/log/log_watch.hpp"

#include <memory>
#include <vector>

namespace waybill {

/// The actors of one database, each with a connection and a thread of its own.
struct storage {
  /// What the connections to it know of the log; for all others that connect to it.
  std::shared_ptr<log_watch> watch;
  /// SQLite: keeps other processes out.
  std::shared_ptr<const database_lock> lock;
  std::shared_ptr<log_listeners> listeners;
  std::vector<journal_actor> journals;
  /// Null when there are several journals.
  std::shared_ptr<append_sequence> sequence;
  reader_actor reader;
  /// One for each journal and for each connection of the reader, without those that only scan the event log.
  std::vector<std::shared_ptr<connection_health>> journal_health;
  std::vector<std::shared_ptr<connection_health>> reader_health;
};

struct connection_counts {
  std::uint32_t journals = 1;
  std::uint32_t readers = 1;
  /// Readers that only scan the event log.
  std::uint32_t scanners = 0;
};

/// Brings the schema up to date and connects; `supervise` gets the readers behind the handle. Fails with
/// ec::unavailable and ec::unreadable (see migrate), and with ec::conflict when another process has the SQLite file.
result<storage> open_storage(caf::actor_system& sys, const store_config& store, const std::string& node,
                             const connection_counts& counts, const journal_settings& journal,
                             const supervise_actor& supervise);

/// Where the simulated payment provider keeps its ledger: apart from ours, so that the two can be compared. A file of
/// its own beside ours, or a schema of its own.
store_config ledger_store(const store_config& store);

} // namespace waybill
