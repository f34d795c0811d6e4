#pragma once

#include "messages/journal/queries.hpp"
#include "persistence/database/query_builder.hpp"

/// The list of orders. Throws what SOCI throws.
namespace waybill {

state_page run_query(connection& database, const list_orders& query);
order_counts run_query(connection& database, const count_orders& query);

} // namespace waybill
