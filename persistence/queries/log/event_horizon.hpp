#pragma once

#include "domain/base/result.hpp"
#include "messages/journal/log_position.hpp"
#include "persistence/database/connection.hpp"

namespace waybill {

/// Events behind `begin` up to `end` that are being archived and removed.
struct log_range {
  log_position begin;
  log_position end;
  friend bool operator==(const log_range&, const log_range&) = default;
};

/// How far the log was removed (docs/adr/0015). It only ever moves forward, in the transaction that removes.
struct event_horizon {
  /// Everything up to here was removed.
  log_position position;
  /// The newest time that a removed event bore.
  timestamp at;
  std::uint64_t removed = 0;
  /// The range that is being removed.
  std::optional<log_range> range;
};

/// One statement. Throws what SOCI throws.
event_horizon read_horizon(connection& database);

/// Where the log begins, and which log it is.
struct log_bounds {
  log_position horizon;
  std::uint64_t generation = 0;
};

/// One statement, which also notes in the connection's watch what it says of the server. Throws what SOCI throws.
log_bounds find_log_bounds(connection& database);

/// Begins a new generation of the log in a database that was restored and that no node uses yet: every cursor that
/// clients have of the former log is refused from then on. The schema is brought up to date first. Fails like migrate.
result<void> begin_log_generation(const store_config& config);

} // namespace waybill
