#pragma once

#include "auth/token_keys.hpp"
#include "domain/base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace waybill {

/// What access tokens say and how long they hold.
struct token_rules {
  std::string issuer = "waybill";
  std::string audience = "waybill";
  milliseconds lifetime{std::chrono::minutes{15}};
  /// How far the clocks of two gateways may be apart.
  milliseconds leeway{30'000};
};

/// What an access token says of whoever shows it.
struct token_claims {
  std::string subject;
  std::vector<std::string> roles;
  timestamp expires_at;
};

/// What is wrong with a token; `none` of these tells its bearer more than that it is not taken.
enum class token_fault : std::uint8_t { malformed, unknown_key, bad_signature, expired, not_yet_valid, wrong_claims };
inline constexpr std::size_t token_faults = 6;

/// A JSON Web Token of type at+jwt (RFC 7519, RFC 9068) in compact form, signed by the key that signs at `now`.
std::string make_access_token(const token_keys& keys, const token_rules& rules, std::string_view subject,
                              const std::vector<std::string>& roles, timestamp now);

struct verified_token {
  std::optional<token_claims> claims;
  token_fault fault = token_fault::malformed;
};

/// Takes only what make_access_token writes: the algorithm follows from the key that `kid` names, never from the token
/// (RFC 8725, sections 3.1 and 3.2), `typ` must be at+jwt, issuer and audience ours, and there is no header member that
/// we do not know (`crit`, `jwk`, `x5u`, ...).
verified_token verify_access_token(const token_keys& keys, const token_rules& rules, std::string_view token,
                                   timestamp now);

} // namespace waybill
