#pragma once

#include "messages/journal/queries.hpp"
#include "persistence/database/connection.hpp"

/// What is read of functions. Throws what SOCI throws.
namespace waybill {

function_page run_query(connection& database, const list_functions& query);
function_revision run_query(connection& database, const get_function_revision& query);

} // namespace waybill
