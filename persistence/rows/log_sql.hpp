#pragma once

#include "messages/journal/log_position.hpp"
#include "persistence/database/connection.hpp"
#include "persistence/database/query_builder.hpp"

#include <string>

// The order of the log in PostgreSQL is (txid, seq): the number of the writing transaction, then a sequence. The order
// of the sequence alone would not do: numbers are handed out while transactions run, so number 7 may become visible
// after a reader has seen number 8 and moved on, and its event would be skipped for good. Transaction numbers have the
// same weakness, but for them PostgreSQL says below which number nothing is running any more (pg_snapshot_xmin of the
// reading statement's own snapshot): all events below it are visible to this very statement, and no new one can come.
// A reader goes up to there only.
//
// pg_snapshot_xmin() stays behind while any transaction of the server is open, also of other databases. When it stands
// still, a reader asks which transactions write events (find_settled_end), in a statement of its own before the one
// that reads.
//
// Within a stream that order is the order of versions: the writer of version n+1 knew of version n, hence the
// transaction of version n had ended (or is the same) before that of version n+1 began to write and got its number.
//
// SQLite has one writer at a time, so row numbers grow in the order of the commits.
//
// The place of a row is that of its first event; the others have the places behind it, and the next row has a place
// behind those. So an event is in the last row that is not behind it, which is within `places_of_row` places.

namespace waybill {

/// A position in the log as SQL has it: PostgreSQL's transaction numbers travel as text.
struct position_values {
  std::string transaction{"0"};
  long long sequence = 0;

  position_values() = default;
  explicit position_values(log_position position)
    : transaction{std::to_string(position.transaction)}, sequence{static_cast<long long>(position.sequence)} {}

  [[nodiscard]] log_position position() const {
    return {std::stoull(transaction), static_cast<std::uint64_t>(sequence)};
  }
};

/// The parts of statements over `appends` that go by the order of the log. In `order` the names are qualified: a bare
/// `txid` would mean the selected text, and texts sort 1000 before 999. `behind` and `up_to` are bound by use_position
/// with the names `after` and `end`.
struct log_sql {
  /// Of the row's first event.
  std::string place;
  std::string order;
  std::string descending;
  /// The rows with an event behind a position: the first of them may also have events before it.
  std::string behind;
  /// The rows that begin up to a position: the last of them may also have events behind it.
  std::string up_to;
  /// As `behind`, with the event at the position.
  std::string from;
  /// The row with the event at a position, bound with the name `at`.
  std::string exactly;
};
const log_sql& log_sql_for(dialect kind);
void use_position(query_builder& query, dialect kind, const std::string& name, const position_values& position);

/// The version of the newest event of the stream that the SQL term `stream` names, or 0, as a term of SQL.
std::string newest_version_sql(const std::string& stream);

} // namespace waybill
