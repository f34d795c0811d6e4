#include "auth/octets.hpp"
#include "gateway/auth/authentication.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/limits/limits.hpp"
#include "gateway/routes/accounts/account_views.hpp"
#include "gateway/routes/handlers.hpp"

#include "domain/user.hpp"

// Keys of machines: made and revoked by an admin, sent as a Bearer token.

namespace waybill::http {

namespace {

create_service_key read_key(const request& req) {
  constexpr length words{1, 4};
  constexpr length when{1, 40};
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  create_service_key wanted;
  wanted.name = from.text("name", limits::person_name);
  for (const auto& word : from.array("roles", words))
    wanted.roles.emplace_back(word.is_string() ? std::string{word.get_string()} : std::string{});
  if (!user::are_roles(wanted.roles))
    from.complain("roles", "must be different words out of customer, courier, operator, admin");
  if (const auto text = from.optional_text("expires_at", when)) {
    wanted.expires_at = parse_rfc3339(*text);
    if (!wanted.expires_at || *wanted.expires_at <= now())
      from.complain("expires_at", "must be an RFC 3339 time to come");
  }
  from.finish();
  if (body.is_null())
    errors.push_back({"", "must be an object"});
  if (!errors.empty())
    throw invalid_fields(422, std::move(errors));
  return wanted;
}

} // namespace

/// The token is shown this once: only its hash is kept.
task<response> add_machine_key(worker& w, const request& req) {
  constexpr std::size_t octets = 32;
  auto wanted = read_key(req);
  const auto token = std::string{service_key_prefix} + to_base64url(random_octets(octets));
  wanted.id = make_id<service_key_id>();
  wanted.token_hash = sha256_hex(token);
  wanted.origin = req.origin();
  const auto made = co_await w.command<service_key_row>(req, w.services().service_keys, std::move(wanted));
  json_writer out;
  out.begin_object();
  write_service_key(out.key("key"), made);
  response result;
  result.status = 201;
  result.body = out.member("token", token).end_object().take();
  result.set("Location", "/v1/service-keys/" + made.id);
  co_return result;
}

task<response> list_machine_keys(worker& w, const request& req) {
  query_reader from{req};
  list_service_keys wanted;
  wanted.limit = from.limit();
  wanted.cursor_id = from.cursor("service_keys", service_key_id::prefix(), false).id;
  from.finish();
  const auto page = co_await w.query<service_key_page>(req, w.services().reader, wanted);
  json_writer items;
  items.begin_array();
  for (const auto& one : page.keys)
    write_service_key(items, one);
  items.end_array();
  const bool more = page.more && !page.keys.empty();
  co_return list_response(req, items.take(), more ? to_cursor("service_keys", {{}, page.keys.back().id}) : "");
}

task<response> revoke_machine_key(worker& w, const request& req) {
  const revoke_service_key wanted{path_id<service_key_id>(req), req.origin()};
  co_await w.query<service_key_row>(req, w.services().service_keys, wanted);
  response result;
  result.status = 204;
  co_return result;
}

} // namespace waybill::http
