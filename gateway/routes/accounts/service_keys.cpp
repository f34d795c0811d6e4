#include "domain/octets/octets.hpp"
#include "gateway/auth/authentication.hpp"
#include "gateway/http/field_limits.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/accounts/account_views.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/view_text.hpp"

#include "domain/user.hpp"

// Service keys: made and revoked by an admin, sent as a Bearer token.

namespace waybill::http::routes::service_keys {

namespace {

create_service_key read_key(const request& req) {
  constexpr length words{1, 4};
  constexpr length when{1, 40};
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  create_service_key command;
  command.name = from.text("name", limits::person_name);
  command.roles = to_words(from.array("roles", words));
  if (!user::are_roles(command.roles))
    from.complain("roles", "must be distinct roles of: customer, courier, observer, operator, admin");
  if (const auto text = from.optional_text("expires_at", when)) {
    command.expires_at = parse_rfc3339(*text);
    if (!command.expires_at || *command.expires_at <= now())
      from.complain("expires_at", "must be a time in the future, as in RFC 3339");
  }
  from.finish();
  require_valid(body, errors);
  return command;
}

} // namespace

/// The token is shown only in this answer: the hash is all that is stored.
task<response> add(context& ctx, const request& req) {
  constexpr std::size_t octets = 32;
  auto command = read_key(req);
  const auto token = std::string{service_key_prefix} + to_base64url(random_octets(octets));
  command.id = make_id<service_key_id>();
  command.token_hash = sha256_hex(token);
  command.origin = req.origin();
  const auto made = co_await ctx.command<service_key_row>(req, ctx.services().service_keys, std::move(command));
  json_writer out;
  out.begin_object();
  write_service_key(out.key("key"), made);
  response result;
  result.status = 201;
  result.body = out.member("token", token).end_object().take();
  result.set("Location", "/v1/service-keys/" + made.id);
  co_return result;
}

task<response> list(context& ctx, const request& req) {
  query_reader from{req};
  list_service_keys query;
  query.limit = from.limit();
  query.cursor_id = from.cursor("service_keys", service_key_id::prefix(), false).id;
  from.finish();
  const auto page = co_await ctx.query<service_key_page>(req, ctx.services().reader, query);
  const bool more = page.more && !page.keys.empty();
  co_return list_response(req, array_of(page.keys, write_service_key),
                          more ? to_cursor("service_keys", {{}, page.keys.back().id}) : "");
}

task<response> revoke(context& ctx, const request& req) {
  const revoke_service_key command{path_id<service_key_id>(req), req.origin()};
  co_await ctx.query<service_key_row>(req, ctx.services().service_keys, command);
  co_return no_content();
}

} // namespace waybill::http::routes::service_keys
