#include "gateway/routes/accounts/account_views.hpp"

#include "gateway/http/json_members.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/http/text.hpp"

namespace waybill::http {

void write_user(json_writer& out, const user_view& user) {
  out.begin_object().member("id", user.id.value).member("email", user.email).member("name", user.name);
  write_words(out, "roles", user.roles);
  out.member("disabled", user.disabled)
    .member("customer_id", sibling_id<customer_id>(user.id).value)
    .member("created_at", user.created_at)
    .member("updated_at", user.updated_at)
    .member("version", user.version)
    .end_object();
}

void write_user(json_writer& out, const user_row& user) {
  out.begin_object().member("id", user.id).member("email", user.email).member("name", user.name);
  write_words(out, "roles", split_words(user.roles));
  out.member("disabled", user.disabled)
    .member("customer_id", sibling_id<customer_id>(user_id{user.id}).value)
    .member("created_at", user.created_at)
    .end_object();
}

response user_response(const request& req, const user_view& user) {
  json_writer out;
  write_user(out, user);
  return resource(req, out.take(), user.version);
}

void write_service_key(json_writer& out, const service_key_row& key) {
  out.begin_object().member("id", key.id).member("name", key.name);
  write_words(out, "roles", split_words(key.roles));
  out.member("created_by", key.created_by).member("created_at", key.created_at);
  write_time(out, "expires_at", key.expires_at);
  write_time(out, "revoked_at", key.revoked_at);
  out.end_object();
}

} // namespace waybill::http
