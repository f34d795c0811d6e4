#pragma once

#include "persistence/database/connection.hpp"

/// What is read of couriers and deliveries. All throw what SOCI throws.
namespace waybill {

state_page read_couriers(connection& database, const list_couriers& query);
state_page read_deliveries(connection& database, const list_deliveries& query);
free_couriers read_free_couriers(connection& database, const find_free_couriers& query);

} // namespace waybill
