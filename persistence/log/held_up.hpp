#pragma once

#include <soci/soci.h>

#include <cstdint>
#include <optional>
#include <string>

// How readers of PostgreSQL's log pass transactions that are none of ours (docs/adr/0001).

namespace waybill {

/// The number of a transaction below which no transaction that writes events is under way. Unlike
/// pg_snapshot_xmin(), it is held up by writers of events only, not by every transaction of the server. It holds for
/// statements that begin after this call, for ever. Nothing when a writer was caught in the moment in which it gets its
/// number. Throws what SOCI throws.
std::optional<std::uint64_t> find_settled_end(soci::session& session);

/// Every transaction that will write events begins with this statement, before it gets its number: find_settled_end
/// stands on it.
inline constexpr const char* announce_events = "lock table appends in row exclusive mode";

/// The oldest transaction of the server that is under way and has a number.
struct oldest_transaction {
  /// Zero: it was prepared, and belongs to no session.
  int pid = 0;
  std::string application;
  std::string database;
  std::string state;
  /// Zero: there is none any more. Negative: this role may not see it (pg_read_all_stats), nor the state.
  long long age_s = 0;
};

/// One sentence: who it is, in which state, since when.
std::string describe(const oldest_transaction& transaction);

/// Nothing known when there is none any more. Throws what SOCI throws.
oldest_transaction find_oldest_transaction(soci::session& session);

} // namespace waybill
