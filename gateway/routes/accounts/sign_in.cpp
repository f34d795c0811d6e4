#include "auth/octets.hpp"
#include "domain/base/errors.hpp"
#include "gateway/http/field_limits.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/accounts/account_views.hpp"
#include "gateway/routes/handlers.hpp"

#include "domain/user.hpp"

// Accounts, sessions and tokens. The secrets of a session are sent to its client only.

namespace waybill::http::routes::accounts {

namespace {

/// A refresh token: `wbr_<user>_<family><token>`. The user says which entity to ask. The secret of the family is the
/// same in all tokens of a session: it proves that an old token was once valid.
struct refresh_token {
  static constexpr std::string_view prefix = "wbr_";
  static constexpr std::size_t user_size = 20;
  static constexpr std::size_t family_size = 22;
  static constexpr std::size_t token_size = 43;

  user_id user;
  std::string family;
  std::string token;

  [[nodiscard]] std::string text() const {
    return std::string{prefix} + user.value.substr(user_id::prefix().size()) + '_' + family + token;
  }
  [[nodiscard]] std::string family_hash() const { return sha256_hex(family); }
  [[nodiscard]] std::string token_hash() const { return sha256_hex(token); }
};

std::string new_family() {
  constexpr std::size_t octets = 16;
  return to_base64url(random_octets(octets));
}

std::string new_token() {
  constexpr std::size_t octets = 32;
  return to_base64url(random_octets(octets));
}

std::optional<refresh_token> parse_refresh_token(std::string_view text) {
  using form = refresh_token;
  const auto family_at = form::prefix.size() + form::user_size + 1;
  if (text.size() != family_at + form::family_size + form::token_size || !text.starts_with(form::prefix)
      || text[family_at - 1] != '_')
    return std::nullopt;
  form result{user_id{std::string{user_id::prefix()} + std::string{text.substr(form::prefix.size(), form::user_size)}},
              std::string{text.substr(family_at, form::family_size)},
              std::string{text.substr(family_at + form::family_size)}};
  if (!is_id(result.user.value, user_id::prefix()))
    return std::nullopt;
  return result;
}

user::new_session session_of(const refresh_token& token) {
  return {make_id<session_id>(), token.family_hash(), token.token_hash()};
}

/// The user that is asked when an e-mail address is not known: it does not exist, and asking takes as long as for one
/// that does. There are a few thousand of them, so that the work is spread over the nodes as for real users.
user_id stand_in(const std::string& email) {
  constexpr std::size_t many = 4096;
  const auto digest = sha256(email);
  const auto number = (static_cast<unsigned char>(digest[0]) * 256U + static_cast<unsigned char>(digest[1])) % many;
  return derive_id<user_id>("nobody " + std::to_string(number));
}

/// Reads the members of the body with `read`. Throws a problem with status 422 when one is wrong.
template <class Read>
void read_fields(const request& req, Read read) {
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  read(from);
  from.finish();
  require_valid(body, errors);
}

response token_response(context& ctx, const signed_in& opened, const refresh_token& token, unsigned status) {
  const auto keys = ctx.services().keys ? ctx.services().keys->keys() : nullptr;
  if (!keys)
    throw to_problem({ec::unavailable, {}});
  const auto& rules = ctx.config().tokens;
  json_writer out;
  write_user(out.begin_object().key("user"), opened.user);
  out.member("access_token", make_access_token(*keys, rules, opened.user.id.value, opened.user.roles, now()))
    .member("refresh_token", token.text())
    .member("token_type", "Bearer")
    .member("expires_in", std::chrono::duration_cast<std::chrono::seconds>(rules.lifetime).count())
    .member("refresh_expires_at", to_rfc3339(opened.expires_at))
    .end_object();
  response result;
  result.status = status;
  result.body = out.take();
  return result;
}

/// The user who signs in is the one who acts.
provenance origin_of(const request& req, const user_id& user) {
  auto origin = req.origin();
  origin.by_kind = "user";
  origin.by_id = user.value;
  return origin;
}

refresh_token read_refresh_token(const request& req) {
  constexpr length longest{1, 256};
  std::string text;
  read_fields(req, [&](object_reader& from) { text = from.text("refresh_token", longest); });
  auto token = parse_refresh_token(text);
  if (!token)
    throw unauthenticated("the refresh token is not valid (any more)");
  return std::move(*token);
}

} // namespace

task<response> sign_up(context& ctx, const request& req) {
  register_user command;
  read_fields(req, [&](object_reader& from) {
    const auto email = from.text("email", limits::email);
    command.password.value = from.text("password", limits::password);
    command.name = from.text("name", limits::person_name);
    if (auto normal = user::normal_email(email))
      command.email = std::move(*normal);
    else if (!email.empty())
      from.complain("email", "is not an e-mail address");
  });
  command.id = make_id<user_id>();
  command.roles = {std::string{user::customer_role}};
  const refresh_token token{command.id, new_family(), new_token()};
  command.session = session_of(token);
  command.origin = origin_of(req, command.id);
  const auto opened = co_await ctx.query<signed_in>(req, ctx.services().users, std::move(command));
  auto result = token_response(ctx, opened, token, 201);
  result.set("Location", "/v1/me");
  co_return result;
}

task<response> sign_in(context& ctx, const request& req) {
  std::string email;
  log_in command;
  read_fields(req, [&](object_reader& from) {
    email = from.text("email", limits::email);
    // Passwords that are too long to be registered are refused; shorter ones are simply wrong.
    command.password.value = from.text("password", {1, limits::password.most});
  });
  email = user::normal_email(email).value_or(email);
  const find_user by_email{email};
  const auto page = co_await ctx.query<user_page>(req, ctx.services().reader, by_email);
  command.id = page.users.empty() ? stand_in(email) : user_id{page.users.front().id};
  const refresh_token token{command.id, new_family(), new_token()};
  command.session = session_of(token);
  command.origin = origin_of(req, command.id);
  try {
    const auto opened = co_await ctx.query<signed_in>(req, ctx.services().users, std::move(command));
    ctx.metrics().logins_ok.inc();
    co_return token_response(ctx, opened, token, 200);
  } catch (const problem& error) {
    if (error.status == 401)
      ctx.metrics().logins_failed.inc();
    throw;
  }
}

task<response> refresh(context& ctx, const request& req) {
  try {
    auto token = read_refresh_token(req);
    refresh_session command{token.user, token.family_hash(), token.token_hash(), {}, origin_of(req, token.user)};
    token.token = new_token();
    command.new_hash = token.token_hash();
    const auto opened = co_await ctx.query<signed_in>(req, ctx.services().users, std::move(command));
    co_return token_response(ctx, opened, token, 200);
  } catch (const problem& error) {
    if (error.status == 401)
      ctx.metrics().count(token_refusal::refresh);
    throw;
  }
}

/// An invalid token counts as revoked (RFC 7009, section 2.2).
task<response> sign_out(context& ctx, const request& req) {
  constexpr length longest{1, 256};
  std::string text;
  read_fields(req, [&](object_reader& from) { text = from.text("refresh_token", longest); });
  if (const auto token = parse_refresh_token(text)) {
    const end_session command{token->user, token->family_hash(), origin_of(req, token->user)};
    co_await ctx.query<void>(req, ctx.services().users, command);
  }
  response result;
  result.status = 204;
  co_return result;
}

} // namespace waybill::http::routes::accounts
