#include "gateway/auth/authentication.hpp"

#include "auth/octets.hpp"
#include "gateway/http/ascii.hpp"
#include "gateway/pages/browser_pages.hpp"
#include "gateway/routes/accounts/account_views.hpp"
#include "gateway/routes/handlers.hpp"

#include <algorithm>

namespace waybill::http {

namespace {

/// What came under the name Authorization, if it is a Bearer token and comes once.
enum class presented : std::uint8_t { nothing, token, unusable };

presented read_header(const request& req, std::string_view& token) {
  const auto count = req.headers->count(beast_http::field::authorization);
  if (count == 0)
    return presented::nothing;
  constexpr std::string_view scheme = "Bearer ";
  const auto text = req.header(beast_http::field::authorization);
  if (count > 1 || text.size() <= scheme.size() || !same_letters(text.substr(0, scheme.size()), scheme))
    return presented::unusable;
  token = trim(text.substr(scheme.size()));
  return presented::token;
}

problem invalid_token() {
  return {401,
          "unauthenticated",
          "the token is not valid (any more)",
          {},
          {{"WWW-Authenticate", R"(Bearer realm="waybill", error="invalid_token")"}}};
}

problem forbidden() {
  return {403,
          "forbidden",
          "this needs a right that you do not have",
          {},
          {{"WWW-Authenticate", R"(Bearer realm="waybill", error="insufficient_scope")"}}};
}

constexpr std::size_t service_key_fault = 6;

void count(worker& w, std::size_t fault) {
  w.metrics().tokens_refused.at(fault).fetch_add(1, std::memory_order_relaxed);
}

/// Null when it is no access token that holds.
const caller* find_access_token(worker& w, std::string_view token) {
  const auto time = now();
  const auto& ring = w.services().keys;
  if (!ring)
    return nullptr;
  w.tokens().follow(ring->generation());
  if (const auto* known = w.tokens().find(token, time))
    return known;
  const auto keys = ring->keys();
  if (!keys)
    return nullptr;
  auto verified = verify_access_token(*keys, w.config().tokens, token, time);
  if (!verified.claims) {
    count(w, static_cast<std::size_t>(verified.fault));
    return nullptr;
  }
  auto who = make_caller(std::move(verified.claims->subject), verified.claims->roles);
  who.authenticated = true;
  who.until = verified.claims->expires_at + w.config().tokens.leeway;
  const auto until = *who.until;
  w.tokens().add(token, std::move(who), until);
  return w.tokens().find(token, time);
}

task<caller> find_service_caller(worker& w, const request& req, std::string_view token) {
  const auto time = now();
  if (const auto* known = w.tokens().find(token, time))
    co_return *known;
  const find_service_key wanted{sha256_hex(token), {}};
  const auto found = co_await w.query<found_service_key>(req, w.services().reader, wanted);
  if (!found.key || found.key->revoked_at || (found.key->expires_at && *found.key->expires_at <= time)) {
    count(w, service_key_fault);
    throw invalid_token();
  }
  auto who = make_caller(found.key->id, split_words(found.key->roles));
  who.authenticated = true;
  who.until = found.key->expires_at;
  const auto until = std::min(time + w.config().key_memory, found.key->expires_at.value_or(timestamp::max()));
  w.tokens().add(token, who, until);
  co_return who;
}

} // namespace

bool may_use(const caller& who, access right) noexcept {
  switch (right) {
    case access::everybody:
    case access::provider: return true;
    case access::user:
    case access::owner: return who.is_anybody();
    case access::customer: return any_of(who.roles, role_set::customer | role_set::admin);
    case access::courier: return any_of(who.roles, role_set::courier | role_set::staff | role_set::admin);
    case access::staff: return any_of(who.roles, role_set::staff | role_set::admin);
    case access::admin: return any_of(who.roles, role_set::admin);
  }
  return false;
}

caller without_token(const worker& w) {
  if (w.config().auth_required)
    return {};
  static const auto demo = make_caller("usr_" + derive_id_suffix("demo"), {std::string{user::admin_role}});
  return demo;
}

task<caller> resolve_token(worker& w, const request& req, std::string_view token) {
  if (token.starts_with(service_key_prefix))
    co_return co_await find_service_caller(w, req, token);
  const auto* who = find_access_token(w, token);
  if (who == nullptr)
    throw invalid_token();
  co_return *who;
}

task<caller> resolve_caller(worker& w, const request& req, const route& wanted) {
  std::string_view token;
  const auto given = read_header(req, token);
  if (wanted.right == access::everybody || wanted.right == access::provider || (has_page(wanted) && wants_page(req))) {
    const bool local = given == presented::token && !token.starts_with(service_key_prefix);
    const auto* who = local ? find_access_token(w, token) : nullptr;
    co_return who ? *who : without_token(w);
  }
  if (given == presented::unusable)
    throw invalid_token();
  caller who;
  if (given == presented::token)
    who = co_await resolve_token(w, req, token);
  else
    who = without_token(w);
  // A browser cannot send the header with a WebSocket: the token comes in its first frame.
  const bool later = wanted.kind == route_kind::websocket && given == presented::nothing;
  if (!who.is_anybody() && !later)
    throw unauthenticated("this needs a token");
  if (!later && !may_use(who, wanted.right))
    throw forbidden();
  co_return who;
}

task<response> show_jwks(worker& w, const request&) {
  const auto keys = w.services().keys ? w.services().keys->keys() : nullptr;
  if (!keys)
    throw not_found("there are no keys here");
  response result;
  result.body = keys->jwks();
  result.content_type = "application/jwk-set+json";
  result.cache = caching::briefly;
  co_return result;
}

} // namespace waybill::http
