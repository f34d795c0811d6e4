#pragma once

#include "persistence/database/connection.hpp"

#include <optional>
#include <string>

/// What is read of webhook endpoints and their deliveries. All throw what SOCI throws.
namespace waybill {

/// With its secrets.
std::optional<webhook_row> read_webhook(connection& database, const std::string& id);
webhook_page read_webhooks(connection& database, const list_webhooks& query);
webhook_delivery_page read_webhook_deliveries(connection& database, const list_webhook_deliveries& query);

} // namespace waybill
