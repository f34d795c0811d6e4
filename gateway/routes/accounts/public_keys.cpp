#include "gateway/routes/handlers.hpp"

namespace waybill::http::routes::accounts {

/// The keys that access tokens are verified with, as a JWK set (RFC 7517).
task<response> show_public_keys(context& ctx, const request&) {
  const auto keys = ctx.services().keys ? ctx.services().keys->keys() : nullptr;
  if (!keys)
    throw not_found("there are no keys here");
  response result;
  result.body = keys->jwks();
  result.content_type = "application/jwk-set+json";
  result.cache = caching::briefly;
  co_return result;
}

} // namespace waybill::http::routes::accounts
