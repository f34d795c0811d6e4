#pragma once

#include "messages/journal/queries.hpp"
#include "persistence/database/connection.hpp"

#include <optional>
#include <string>

/// What is read of users and service keys. All throw what SOCI throws.
namespace waybill {

/// With the password hash; nothing when there is no such user.
std::optional<user_row> read_user(connection& database, const std::string& id);

user_page run_query(connection& database, const list_users& query);
user_page run_query(connection& database, const find_user& query);

found_service_key run_query(connection& database, const find_service_key& query);
found_callers run_query(connection& database, const find_callers& query);
service_key_page run_query(connection& database, const list_service_keys& query);

} // namespace waybill
