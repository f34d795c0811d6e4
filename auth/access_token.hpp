#pragma once

#include "auth/token_keys.hpp"
#include "domain/base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace waybill {

/// The fixed claims of access tokens and their lifetime.
struct token_rules {
  std::string issuer = "waybill";
  std::string audience = "waybill";
  milliseconds lifetime{std::chrono::minutes{15}};
  /// How far the clocks of two gateways may be apart.
  milliseconds leeway{30'000};
};

/// The claims about the user whom a token was made for.
struct token_claims {
  std::string subject;
  std::vector<std::string> roles;
  timestamp expires_at;
};

/// Why a token is refused. For metrics only: the answer does not tell the client.
enum class token_fault : std::uint8_t { malformed, unknown_key, bad_signature, expired, not_yet_valid, wrong_claims };
inline constexpr std::size_t token_faults = 6;

/// A JSON Web Token of type at+jwt (RFC 7519, RFC 9068) in compact form, signed by the key that signs at `now`.
std::string make_access_token(const token_keys& keys, const token_rules& rules, std::string_view subject,
                              const std::vector<std::string>& roles, timestamp now);

struct verified_token {
  std::optional<token_claims> claims;
  token_fault fault = token_fault::malformed;
};

/// Accepts only tokens as make_access_token writes them: the algorithm follows from the key that `kid` names, never
/// from the token (RFC 8725, sections 3.1 and 3.2), `typ` must be at+jwt or application/at+jwt, issuer and audience
/// ours, and there is no header member that we do not know (`crit`, `jwk`, `x5u`, ...).
verified_token verify_access_token(const token_keys& keys, const token_rules& rules, std::string_view token,
                                   timestamp now);

} // namespace waybill
