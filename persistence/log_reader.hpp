#pragma once

#include "persistence/connection.hpp"

#include <limits>

namespace waybill {

/// The log in its safe order. All functions throw what SOCI throws.
log_position find_log_end(connection& database);
log_page read_log_page(connection& database, const read_log& query);

/// The events of `stream` with versions above `version`, the first `limit` of them.
std::vector<stored_event> read_stream(connection& database, const std::string& stream, std::uint64_t version,
                                      std::uint32_t limit = std::numeric_limits<std::uint32_t>::max());

} // namespace waybill
