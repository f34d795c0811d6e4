#pragma once

#include "gateway/auth/access.hpp"
#include "gateway/context/context.hpp"

#include <optional>
#include <string_view>

namespace waybill::http {

/// The caller by the Authorization header (RFC 6750, section 2.1), if they have the right. Throws a problem: 401 with a
/// challenge for nobody and for an invalid token, 403 without the right. Routes for everybody ignore an invalid token:
/// a client whose token has ended must be able to refresh it.
task<caller> resolve_caller(context& ctx, const request& req, access_rule rule);

/// The caller that a token belongs to: an access token, verified here without asking anybody, or a service key. Throws
/// a problem with status 401, or 503 when a service key cannot be looked up.
task<caller> resolve_token(context& ctx, const request& req, std::string_view token);

/// Throws a problem with status 403 unless the caller has the right.
void require_right(const caller& caller, access right);

/// Whether there is a key, and it neither was revoked nor has ended.
bool holds(const std::optional<service_key_row>& key, timestamp now);

/// The problem of a token that is not valid (any more), with status 401.
problem invalid_token();

/// How every service key begins.
inline constexpr std::string_view service_key_prefix = "wbk_";

} // namespace waybill::http
