#pragma once

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

/// The position of the horizon alone; zero before the first removal. Throws what SOCI throws.
log_position find_horizon(connection& database);

} // namespace waybill
