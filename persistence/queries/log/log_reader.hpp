#pragma once

#include "messages/journal/queries.hpp"
#include "persistence/database/connection.hpp"

#include <cstdint>
#include <variant>

namespace waybill {

/// The log in its safe order. All functions throw what SOCI throws.
log_position find_log_end(connection& database);

/// Why the log cannot be read on from a position.
enum class log_gap : std::uint8_t {
  /// Events behind it were removed.
  removed,
  /// It is beyond the end, or of a log that this one took the place of.
  foreign
};

/// Fails with log_gap (see read_log).
std::variant<log_page, log_gap> read_log_page(connection& database, read_log query);

/// The same for a place that is of this log beyond doubt: only whether events behind it were removed is looked at.
std::variant<log_page, log_gap> read_log_page_behind(connection& database, log_position bare_place,
                                                     std::uint32_t limit);

/// The answer to read_log: a gap becomes ec::cursor_expired.
result<log_page> to_log_answer(result<std::variant<log_page, log_gap>> outcome);

} // namespace waybill
