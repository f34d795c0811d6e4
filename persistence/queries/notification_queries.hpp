#pragma once

#include "messages/journal/queries.hpp"
#include "persistence/database/connection.hpp"

namespace waybill {

/// Throws what SOCI throws.
notification_page run_query(connection& database, const list_notifications& query);

} // namespace waybill
