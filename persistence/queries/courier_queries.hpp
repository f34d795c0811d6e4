#pragma once

#include "messages/journal/queries.hpp"
#include "persistence/database/connection.hpp"

/// What is read of couriers and deliveries. All throw what SOCI throws.
namespace waybill {

state_page run_query(connection& database, const list_couriers& query);
state_page run_query(connection& database, const list_deliveries& query);
free_couriers run_query(connection& database, const find_free_couriers& query);

} // namespace waybill
