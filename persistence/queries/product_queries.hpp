#pragma once

#include "messages/journal/queries.hpp"
#include "persistence/database/connection.hpp"

namespace waybill {

/// Throws what SOCI throws.
state_page run_query(connection& database, const list_products& query);

} // namespace waybill
