#include "auth/octets.hpp"
#include "domain/base/errors.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/limits/limits.hpp"
#include "gateway/routes/accounts/account_views.hpp"
#include "gateway/routes/handlers.hpp"

#include "domain/user.hpp"

// Accounts, sessions and tokens. The secrets of a session never leave the gateway but to the client.

namespace waybill::http {

namespace {

/// A refresh token: `wbr_<user>_<family><token>`. The user says which entity to ask; the secret of the family is the
/// same in all tokens of a session and proves, when the token is an old one, that it once was good.
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

/// Stands for everybody who is not known: asked like a user, and as long, and there is none of them. A few thousand,
/// so that their work is spread over the nodes like that of the others.
user_id stand_in(const std::string& email) {
  constexpr std::size_t many = 4096;
  const auto digest = sha256(email);
  const auto number = (static_cast<unsigned char>(digest[0]) * 256U + static_cast<unsigned char>(digest[1])) % many;
  return derive_id<user_id>("nobody " + std::to_string(number));
}

/// The body of a request that carries credentials, and what is wrong with it.
template <class Read>
void read_fields(const request& req, Read read) {
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  read(from);
  from.finish();
  if (body.is_null())
    errors.push_back({"", "must be an object"});
  if (!errors.empty())
    throw invalid_fields(422, std::move(errors));
}

response tokens(worker& w, const signed_in& opened, const refresh_token& token, unsigned status) {
  const auto keys = w.services().keys ? w.services().keys->keys() : nullptr;
  if (!keys)
    throw to_problem({ec::unavailable, {}});
  const auto& rules = w.config().tokens;
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

/// Who signs in is who acts.
provenance origin_of(const request& req, const user_id& who) {
  auto origin = req.origin();
  origin.by_kind = "user";
  origin.by_id = who.value;
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

task<response> register_account(worker& w, const request& req) {
  register_user wanted;
  read_fields(req, [&](object_reader& from) {
    const auto email = from.text("email", limits::email);
    wanted.password.value = from.text("password", limits::password);
    wanted.name = from.text("name", limits::person_name);
    if (auto normal = user::normal_email(email))
      wanted.email = std::move(*normal);
    else if (!email.empty())
      from.complain("email", "is not an e-mail address");
  });
  wanted.id = make_id<user_id>();
  wanted.roles = {std::string{user::customer_role}};
  const refresh_token token{wanted.id, new_family(), new_token()};
  wanted.session = session_of(token);
  wanted.origin = origin_of(req, wanted.id);
  const auto opened = co_await w.query<signed_in>(req, w.services().users, std::move(wanted));
  auto result = tokens(w, opened, token, 201);
  result.set("Location", "/v1/me");
  co_return result;
}

task<response> sign_in(worker& w, const request& req) {
  std::string email;
  log_in wanted;
  read_fields(req, [&](object_reader& from) {
    email = from.text("email", limits::email);
    // Not longer than what can have been registered; whatever is shorter is simply wrong.
    wanted.password.value = from.text("password", {1, limits::password.most});
  });
  email = user::normal_email(email).value_or(email);
  const find_user by_email{email};
  const auto found = co_await w.query<user_page>(req, w.services().reader, by_email);
  wanted.id = found.users.empty() ? stand_in(email) : user_id{found.users.front().id};
  const refresh_token token{wanted.id, new_family(), new_token()};
  wanted.session = session_of(token);
  wanted.origin = origin_of(req, wanted.id);
  try {
    const auto opened = co_await w.query<signed_in>(req, w.services().users, std::move(wanted));
    w.metrics().logins_ok.fetch_add(1, std::memory_order_relaxed);
    co_return tokens(w, opened, token, 200);
  } catch (const problem& what) {
    if (what.status == 401)
      w.metrics().logins_failed.fetch_add(1, std::memory_order_relaxed);
    throw;
  }
}

task<response> refresh_tokens(worker& w, const request& req) {
  constexpr std::size_t refresh_fault = 7;
  auto& refused = w.metrics().tokens_refused.at(refresh_fault);
  try {
    auto token = read_refresh_token(req);
    refresh_session wanted{token.user, token.family_hash(), token.token_hash(), {}, origin_of(req, token.user)};
    token.token = new_token();
    wanted.new_hash = token.token_hash();
    const auto opened = co_await w.query<signed_in>(req, w.services().users, std::move(wanted));
    co_return tokens(w, opened, token, 200);
  } catch (const problem& what) {
    if (what.status == 401)
      refused.fetch_add(1, std::memory_order_relaxed);
    throw;
  }
}

/// As RFC 7009 has it, section 2.2: a token that does not hold is as good as revoked.
task<response> sign_out(worker& w, const request& req) {
  constexpr length longest{1, 256};
  std::string text;
  read_fields(req, [&](object_reader& from) { text = from.text("refresh_token", longest); });
  if (const auto token = parse_refresh_token(text)) {
    const end_session wanted{token->user, token->family_hash(), origin_of(req, token->user)};
    co_await w.query<void>(req, w.services().users, wanted);
  }
  response result;
  result.status = 204;
  co_return result;
}

} // namespace waybill::http
