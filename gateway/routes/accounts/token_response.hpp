#pragma once

#include "gateway/auth/account_secret.hpp"
#include "gateway/context/context.hpp"

namespace waybill::http::routes::accounts {

/// The tokens of a session that was opened or refreshed. Throws a problem with status 503 without keys to sign with.
response token_response(context& ctx, const signed_in& opened, const refresh_token& token, unsigned status);

} // namespace waybill::http::routes::accounts
