#include "domain/base/errors.hpp"
#include "gateway/auth/account_secret.hpp"
#include "gateway/routes/accounts/account_views.hpp"
#include "gateway/routes/accounts/credentials.hpp"
#include "gateway/routes/accounts/token_response.hpp"
#include "gateway/routes/handlers.hpp"

// Sessions: their tokens, refreshing and ending them.

namespace waybill::http::routes::accounts {

namespace {

constexpr length token_length{1, 256};

refresh_token read_refresh_token(const request& req) {
  std::string text;
  read_fields(req, [&](object_reader& from) { text = from.text("refresh_token", token_length); });
  auto token = refresh_token::parse(text);
  if (!token)
    throw unauthenticated("the refresh token is not valid (any more)");
  return std::move(*token);
}

} // namespace

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

/// Whoever shows the same token at the same time gets the same next one: it follows from the token and from what the
/// session remembers of its rotations.
task<response> refresh(context& ctx, const request& req) {
  try {
    auto token = read_refresh_token(req);
    const auto nonce = make_nonce();
    refresh_session command{token.user, token.family_hash(),       token.token_hash(), token.next(nonce).token_hash(),
                            nonce,      origin_of(req, token.user)};
    const auto opened = co_await ctx.query<signed_in>(req, ctx.services().users, std::move(command));
    for (const auto& step : opened.successors)
      token = token.next(step);
    co_return token_response(ctx, opened, token, 200);
  } catch (const problem& error) {
    if (error.status == 401)
      ctx.metrics().count(token_refusal::refresh);
    throw;
  }
}

/// An invalid token counts as revoked (RFC 7009, section 2.2).
task<response> sign_out(context& ctx, const request& req) {
  std::string text;
  read_fields(req, [&](object_reader& from) { text = from.text("refresh_token", token_length); });
  if (const auto token = refresh_token::parse(text)) {
    const end_session command{token->user, token->family_hash(), origin_of(req, token->user)};
    co_await ctx.query<void>(req, ctx.services().users, command);
  }
  co_return no_content();
}

} // namespace waybill::http::routes::accounts
