#include "gateway/auth/account_secret.hpp"

#include "domain/octets/octets.hpp"

#include <utility>

namespace waybill::http {

namespace {

constexpr std::string_view refresh_prefix = "wbr_";
constexpr std::string_view reset_prefix = "wbc_";
constexpr std::size_t prefix_size = 4;
constexpr std::size_t user_size = 20;
/// 16 and 32 octets in base64url.
constexpr std::size_t family_size = 22;
constexpr std::size_t secret_size = 43;

std::string new_secret() {
  constexpr std::size_t octets = 32;
  return to_base64url(random_octets(octets));
}

std::string text_of(std::string_view prefix, const user_id& user, std::string_view secrets) {
  return std::string{prefix} + user.value.substr(user_id::prefix().size()) + '_' + std::string{secrets};
}

struct parts {
  user_id user;
  std::string_view secrets;
};

std::optional<parts> split(std::string_view text, std::string_view prefix, std::size_t secrets_size) {
  const auto secrets_at = prefix_size + user_size + 1;
  if (text.size() != secrets_at + secrets_size || !text.starts_with(prefix) || text[secrets_at - 1] != '_')
    return std::nullopt;
  parts found{user_id{std::string{user_id::prefix()} + std::string{text.substr(prefix_size, user_size)}},
              text.substr(secrets_at)};
  return is_id(found.user.value, user_id::prefix()) ? std::optional{std::move(found)} : std::nullopt;
}

} // namespace

refresh_token refresh_token::make(user_id user) {
  return {std::move(user), make_nonce(), new_secret()};
}

std::optional<refresh_token> refresh_token::parse(std::string_view text) {
  auto found = split(text, refresh_prefix, family_size + secret_size);
  if (!found)
    return std::nullopt;
  return refresh_token{std::move(found->user), std::string{found->secrets.substr(0, family_size)},
                       std::string{found->secrets.substr(family_size)}};
}

refresh_token refresh_token::next(std::string_view nonce) const {
  return {user, family, to_base64url(hmac_sha256(token, {nonce}))};
}

std::string refresh_token::text() const {
  return text_of(refresh_prefix, user, family + token);
}

std::string refresh_token::family_hash() const {
  return sha256_hex(family);
}

std::string refresh_token::token_hash() const {
  return sha256_hex(token);
}

std::string make_nonce() {
  constexpr std::size_t octets = 16;
  return to_base64url(random_octets(octets));
}

reset_code reset_code::make(user_id user) {
  return {std::move(user), new_secret()};
}

std::optional<reset_code> reset_code::parse(std::string_view text) {
  auto found = split(text, reset_prefix, secret_size);
  return found ? std::optional{reset_code{std::move(found->user), std::string{found->secrets}}} : std::nullopt;
}

std::string reset_code::text() const {
  return text_of(reset_prefix, user, code);
}

std::string reset_code::hash() const {
  return sha256_hex(code);
}

} // namespace waybill::http
