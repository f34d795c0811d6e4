#pragma once

#include "domain/base/json_writer.hpp"
#include "messages/journal/account_rows.hpp"
#include "messages/users.hpp"

#include <string>
#include <vector>

/// How users and service keys look to clients.
namespace waybill::http {

void write_user(json_writer& out, const user_view& what);
void write_user(json_writer& out, const user_row& what);
/// Without its secret, which nobody has.
void write_service_key(json_writer& out, const service_key_row& what);

/// Words with commas between them, one by one.
std::vector<std::string> split_words(const std::string& text);

} // namespace waybill::http
