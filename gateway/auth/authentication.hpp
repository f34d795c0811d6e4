#pragma once

#include "gateway/routes/router.hpp"
#include "gateway/transport/worker.hpp"

#include <string_view>

namespace waybill::http {

/// Who asks, by the Authorization header (RFC 6750, section 2.1), and whether they may use `wanted`. Throws a problem:
/// 401 with a challenge for nobody and for a token that does not hold, 403 for somebody without the right. Routes for
/// everybody take no notice of a token that does not hold: a client whose token has ended must be able to refresh it.
task<caller> resolve_caller(worker& w, const request& req, const route& wanted);

/// Whose token this is: an access token, verified here without asking anybody, or a service key. Throws a problem with
/// status 401.
task<caller> resolve_token(worker& w, const request& req, std::string_view token);

/// The user that everybody is when no authentication is required, or nobody.
caller without_token(const worker& w);

/// Whether somebody who is not nobody may use a route.
bool may_use(const caller& who, access right) noexcept;

/// How every service key begins.
inline constexpr std::string_view service_key_prefix = "wbk_";

} // namespace waybill::http
