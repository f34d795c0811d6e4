#pragma once

#include "messages/journal/queries.hpp"
#include "persistence/database/connection.hpp"

#include <optional>
#include <string>

/// What is read of sinks. All throw what SOCI throws.
namespace waybill {

/// With its password.
std::optional<sink_row> read_sink(connection& database, const std::string& id);
sink_page run_query(connection& database, const list_sinks& query);

} // namespace waybill
