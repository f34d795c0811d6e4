#include "nodes/options/option_kinds.hpp"

#include "domain/user.hpp"

namespace waybill {

namespace {

using namespace option_kinds;

constexpr std::array<std::pair<std::string_view, auth_mode>, 3> modes{
  {{"auto", auth_mode::automatic}, {"required", auth_mode::required}, {"demo", auth_mode::demo}}};
constexpr std::array<std::pair<std::string_view, signature_algorithm>, 3> algorithms{
  {{"EdDSA", signature_algorithm::eddsa},
   {"ES256", signature_algorithm::es256},
   {"HS256", signature_algorithm::hs256}}};

template <class At>
option word(std::string_view name, std::string_view help, At at) {
  return {name, help, false,
          [=](node_config& config, std::string_view text) -> std::string {
            if (text.empty() || text.size() > 200)
              return "1 to 200 characters";
            at(config) = text;
            return {};
          },
          [=](const node_config& config) { return at(const_cast<node_config&>(config)); }};
}

option admin_email() {
  return {"admin-email", "e-mail of the admin that is made when there is none (default: admin@localhost)", false,
          [](node_config& config, std::string_view text) -> std::string {
            // Empty is the default, which a dump must be able to say.
            auto email = text.empty() ? std::optional<std::string>{""} : user::normal_email(text);
            if (!email)
              return "an e-mail address";
            config.auth.admin_email = std::move(*email);
            return {};
          },
          [](const node_config& config) { return config.auth.admin_email; }};
}

} // namespace

std::vector<option> account_options() {
  constexpr std::int64_t mebibyte = 1'024 * 1'024;
  constexpr milliseconds second{1'000};
  return {
    choice("auth", "without a token, required: 401; demo: the demo user; auto: demo on loopback, elsewhere required",
           modes, AT(auth.mode)),
    choice("auth-algorithm", "the algorithm that signs access tokens: EdDSA, ES256 or HS256", algorithms,
           AT(auth.algorithm)),
    secret("auth-keys",
           "private keys in PEM (HS256: a secret in base64url a line), the first signs; none: kept in the database",
           AT(auth.keys)),
    duration("auth-key-rotation", "a key that is kept in the database signs for", std::chrono::hours{1},
             AT(auth.rotation)),
    word("auth-issuer", "the issuer of access tokens (iss)", AT(gateway.tokens.issuer)),
    word("auth-audience", "the audience of access tokens (aud)", AT(gateway.tokens.audience)),
    duration("auth-access-lifetime", "an access token is valid for", second, AT(gateway.tokens.lifetime)),
    duration("auth-leeway", "how far the clocks of two gateways may be apart", instantly, AT(gateway.tokens.leeway)),
    duration("auth-service-key-memory", "a service key that was revoked is refused everywhere within", instantly,
             AT(gateway.key_memory)),
    duration("auth-refresh-lifetime", "a session that is not refreshed ends after", second,
             AT(accounts.sessions.refresh_lifetime)),
    duration("auth-refresh-grace", "a replaced refresh token still returns its successor for", instantly,
             AT(accounts.sessions.retry_grace)),
    duration("auth-reset-lifetime", "a code with which a password is reset is valid for", second,
             AT(accounts.sessions.reset_lifetime)),
    number("auth-max-sessions", "sessions of one user; one more ends the oldest", 1, 1'000,
           AT(accounts.sessions.max_sessions)),
    admin_email(),
    secret("admin-password", "password of that admin (default: made, and shown once)", AT(auth.admin_password)),
    number("password-passes", "Argon2id: passes over the memory", 1, 100, AT(accounts.hashing.passes)),
    number("password-memory", "Argon2id: bytes for each hash", mebibyte, 4'096 * mebibyte, AT(accounts.hashing.memory)),
    number("password-workers", "passwords hashed at once", 1, 256, AT(accounts.hashing.workers)),
    number("password-max-waiting",
           "passwords that wait to be hashed, half of the places for sign-ins; further ones are answered with 503", 1,
           max_count, AT(accounts.hashing.max_waiting)),
    number("password-max-waiting-per-user", "password hashes that may wait per user", 1, max_count,
           AT(accounts.hashing.max_waiting_of_user)),
    duration("user-idle", "an idle user leaves the memory after", shortest, AT(accounts.region.idle_timeout)),
    number("user-max-active", "users in memory; further registrations are answered with 503", 1, max_count,
           AT(accounts.region.max_active)),
    number("user-max-waiting", "commands that wait for one user", 1, max_count, AT(accounts.region.max_waiting)),
  };
}

} // namespace waybill
