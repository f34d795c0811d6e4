#pragma once

#include "messages/journal/queries.hpp"
#include "persistence/database/connection.hpp"

#include <optional>
#include <string>

/// What is read of webhook endpoints and their deliveries. All throw what SOCI throws.
namespace waybill {

/// With its secrets.
std::optional<webhook_row> read_webhook(connection& database, const std::string& id);
webhook_page run_query(connection& database, const list_webhooks& query);
webhook_delivery_page run_query(connection& database, const list_webhook_deliveries& query);

} // namespace waybill
