#pragma once

#include "domain/json/json_writer.hpp"
#include "gateway/http/request.hpp"
#include "messages/journal/account_rows.hpp"
#include "messages/users.hpp"

/// The JSON of users and service keys, as clients see it.
namespace waybill::http {

void write_user(json_writer& out, const user_view& user);
void write_user(json_writer& out, const user_row& user);
/// Without its secret, of which only a hash is stored.
void write_service_key(json_writer& out, const service_key_row& key);

/// The account as a resource with its ETag.
response user_response(const request& req, const user_view& user);

} // namespace waybill::http
