#pragma once

#include "gateway/json_out.hpp"
#include "messages/journal.hpp"
#include "messages/users.hpp"

#include <string>
#include <vector>

/// How users and service keys look to clients.
namespace waybill::http {

void write_user(json_out& out, const user_view& what);
void write_user(json_out& out, const user_row& what);
/// Without its secret, which nobody has.
void write_service_key(json_out& out, const service_key_row& what);

/// Words with commas between them, one by one.
std::vector<std::string> split_words(const std::string& text);

} // namespace waybill::http
