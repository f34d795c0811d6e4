#include "gateway/auth/authentication.hpp"

#include "domain/octets/octets.hpp"
#include "domain/user.hpp"
#include "gateway/http/text.hpp"

#include <algorithm>

namespace waybill::http {

namespace {

/// What the header Authorization holds. `other`: credentials of another scheme, `Bearer` without any, or none that can
/// be read; they are not answered as a token that does not hold (RFC 6750, section 3.1).
enum class presented : std::uint8_t { nothing, token, other };

presented read_header(const request& req, std::string_view& token) {
  if (!req.headers.has(field::authorization))
    return presented::nothing;
  const auto text = trim(req.header(field::authorization));
  const auto blank = std::min(text.find(' '), text.size());
  if (!same_letters(text.substr(0, blank), "Bearer"))
    return presented::other;
  token = trim(text.substr(blank));
  return token.empty() ? presented::other : presented::token;
}

problem forbidden() {
  return {403,
          "forbidden",
          "this needs a right that you do not have",
          {},
          {{"WWW-Authenticate", R"(Bearer realm="waybill", error="insufficient_scope")"}}};
}

static_assert(static_cast<std::size_t>(token_refusal::wrong_claims)
              == static_cast<std::size_t>(token_fault::wrong_claims));

/// Null when it is no valid access token.
const caller* find_access_token(context& ctx, std::string_view token) {
  const auto time = now();
  const auto& ring = ctx.services().keys;
  if (!ring)
    return nullptr;
  ctx.tokens().follow(ring->generation());
  if (const auto* known = ctx.tokens().find(token, time))
    return known;
  const auto keys = ring->keys();
  if (!keys)
    return nullptr;
  auto verified = verify_access_token(*keys, ctx.config().tokens, token, time);
  if (!verified.claims) {
    ctx.metrics().count(static_cast<token_refusal>(verified.fault));
    return nullptr;
  }
  auto bearer = make_caller(std::move(verified.claims->subject), verified.claims->roles);
  bearer.authenticated = true;
  bearer.until = verified.claims->expires_at + ctx.config().tokens.leeway;
  const auto until = *bearer.until;
  ctx.tokens().add(token, std::move(bearer), until);
  return ctx.tokens().find(token, time);
}

task<caller> find_service_caller(context& ctx, const request& req, std::string_view token) {
  const auto time = now();
  if (const auto* known = ctx.tokens().find(token, time))
    co_return *known;
  const find_service_key question{sha256_hex(token), {}};
  const auto answer = co_await ctx.query<found_service_key>(req, ctx.services().reader, question);
  const auto& key = answer.key;
  if (!holds(key, time)) {
    ctx.metrics().count(token_refusal::service_key);
    throw invalid_token();
  }
  auto bearer = make_caller(key->id, split_words(key->roles));
  bearer.authenticated = true;
  bearer.until = key->expires_at;
  const auto until = std::min(time + ctx.config().key_memory, key->expires_at.value_or(timestamp::max()));
  ctx.tokens().add(token, bearer, until);
  co_return bearer;
}

/// Whether the caller has a right.
bool has_right(const caller& caller, access right) noexcept {
  switch (right) {
    case access::everybody:
    case access::provider: return true;
    case access::user:
    case access::owner: return caller.is_anybody();
    case access::customer: return any_of(caller.roles, role_set::customer | role_set::admin);
    case access::courier: return any_of(caller.roles, role_set::courier) || caller.is_operator();
    case access::observer: return any_of(caller.roles, role_set::observer | role_set::staff | role_set::admin);
    case access::staff: return any_of(caller.roles, role_set::staff | role_set::admin);
    case access::admin: return any_of(caller.roles, role_set::admin);
  }
  return false;
}

/// The demo user, who may do everything, when no authentication is required; else nobody.
caller without_token(const context& ctx) {
  if (ctx.config().auth_required)
    return {};
  static const auto demo = make_caller("usr_" + derive_id_suffix("demo"), {std::string{user::admin_role}});
  return demo;
}

} // namespace

problem invalid_token() {
  return {401,
          "unauthenticated",
          "the token is not valid (any more)",
          {},
          {{"WWW-Authenticate", R"(Bearer realm="waybill", error="invalid_token")"}}};
}

bool holds(const std::optional<service_key_row>& key, timestamp now) {
  return key && !key->revoked_at && (!key->expires_at || *key->expires_at > now);
}

void require_right(const caller& caller, access right) {
  if (!has_right(caller, right))
    throw forbidden();
}

task<caller> resolve_token(context& ctx, const request& req, std::string_view token) {
  caller bearer;
  if (token.starts_with(service_key_prefix))
    bearer = co_await find_service_caller(ctx, req, token);
  else if (const auto* known = find_access_token(ctx, token))
    bearer = *known;
  else
    throw invalid_token();
  bearer.reads = req.method == verb::get || req.method == verb::head || req.method == verb::options;
  co_return bearer;
}

task<caller> resolve_caller(context& ctx, const request& req, access_rule rule) {
  std::string_view token;
  const auto given = read_header(req, token);
  const bool open = rule.right == access::everybody || rule.right == access::provider;
  if (open || (rule.has_page && accepts_html(req))) {
    const bool local = given == presented::token && !token.starts_with(service_key_prefix);
    const auto* bearer = local ? find_access_token(ctx, token) : nullptr;
    co_return bearer ? *bearer : without_token(ctx);
  }
  if (given == presented::other)
    throw unauthenticated("this needs a Bearer token");
  caller result;
  if (given == presented::token)
    result = co_await resolve_token(ctx, req, token);
  else
    result = without_token(ctx);
  const bool later = rule.token_in_frame && given == presented::nothing;
  if (!result.is_anybody() && !later)
    throw unauthenticated("this needs a token");
  if (!later)
    require_right(result, rule.right);
  co_return result;
}

} // namespace waybill::http
