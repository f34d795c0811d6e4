#pragma once

#include "gateway/auth/access.hpp"
#include "gateway/context/context.hpp"

namespace waybill::http {

/// The caller of a request that does lasting things, as their account is now: an access token is valid for minutes
/// after its user was disabled or lost a role, and a service key is remembered for a moment after it was revoked. The
/// roles are those that both the token and the account have. Throws a problem: 401 when the account is disabled, gone,
/// or the key does not hold, 403 without the right that `rule` asks for, 503 when the account cannot be asked.
task<caller> confirm_account(context& ctx, const request& req, access_rule rule);

/// The user as whom scenarios are played. It has no account; its tokens never leave the gateway.
const user_id& scenario_player();

} // namespace waybill::http
