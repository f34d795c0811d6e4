#pragma once

#include "messages/journal/queries.hpp"
#include "persistence/database/connection.hpp"
#include "persistence/database/query_builder.hpp"

#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace waybill {

/// The log in its safe order. All functions throw what SOCI throws.
log_position find_log_end(connection& database);

/// Nothing when events behind the position to read from were removed (see read_log).
std::optional<log_page> read_log_page(connection& database, read_log query);

/// The answer to read_log: nothing becomes ec::cursor_expired.
result<log_page> to_log_answer(result<std::optional<log_page>> outcome);

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

/// The parts of statements that go by the order of the log. In `order` the names are qualified: a bare `txid` would
/// mean the selected text, and texts sort 1000 before 999. `behind` and `up_to` are bound by use_position with the
/// names `after` and `end`.
struct log_sql {
  std::string columns;
  std::string visible;
  std::string order;
  std::string descending;
  std::string behind;
  std::string up_to;
};
const log_sql& log_sql_for(dialect kind);
void use_position(query_builder& query, dialect kind, const std::string& name, const position_values& position);

/// The events of `stream` with versions above `version`, the first `limit` of them.
std::vector<stored_event> read_stream(connection& database, const std::string& stream, std::uint64_t version,
                                      std::uint32_t limit = std::numeric_limits<std::uint32_t>::max());

} // namespace waybill
