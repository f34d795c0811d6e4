#include "domain/webhook/signature.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/number.hpp"
#include "domain/octets/octets.hpp"

#include <sodium.h>

#include <algorithm>
#include <optional>

namespace waybill::webhook_signature {

namespace {

constexpr std::size_t shortest_key = 24;
constexpr std::size_t longest_key = 64;
constexpr std::string_view version = "v1,";

/// Calls `each` with the words of `text` until it returns true. Returns whether it did.
template <class Function>
bool any_word(std::string_view text, Function each) {
  while (!text.empty()) {
    const auto word = text.substr(0, text.find(' '));
    if (!word.empty() && each(word))
      return true;
    text.remove_prefix(std::min(word.size() + 1, text.size()));
  }
  return false;
}

std::optional<std::int64_t> read_seconds(std::string_view text) {
  const auto seconds = parse_number<std::int64_t>(text);
  return seconds && *seconds >= 0 ? seconds : std::nullopt;
}

} // namespace

result<std::vector<key>> read_keys(std::string_view secrets) {
  std::vector<key> keys;
  const bool is_invalid = any_word(secrets, [&](std::string_view word) {
    if (!word.starts_with(secret_prefix))
      return true;
    auto octets = from_base64(word.substr(secret_prefix.size()));
    if (!octets || octets->size() < shortest_key || octets->size() > longest_key)
      return true;
    keys.push_back({std::move(*octets)});
    return false;
  });
  if (is_invalid)
    return failure{ec::invalid_argument, "a secret is `whsec_` and 24 to 64 octets in Base64"};
  return keys;
}

std::string write_secret(const key& key) {
  return std::string{secret_prefix} + to_base64(key.octets);
}

std::string sign(const key& key, std::string_view id, std::int64_t unix_seconds, std::string_view body) {
  const std::string prefix = std::string{id} + '.' + std::to_string(unix_seconds) + '.';
  return std::string{version} + to_base64(hmac_sha256(key.octets, {prefix, body}));
}

verdict verify(const std::vector<key>& keys, const presented& headers, std::string_view body, timestamp now,
               std::chrono::seconds tolerance) {
  const auto seconds = read_seconds(headers.timestamp);
  if (headers.id.empty() || headers.signatures.empty() || !seconds)
    return verdict::malformed;
  const auto current = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  // Compared without a subtraction that could overflow.
  if (*seconds < current - tolerance.count() || *seconds > current + tolerance.count())
    return verdict::stale;
  const bool good = std::ranges::any_of(keys, [&](const key& key) {
    const auto expected = sign(key, headers.id, *seconds, body);
    return any_word(headers.signatures, [&](std::string_view word) {
      return word.size() == expected.size() && sodium_memcmp(word.data(), expected.data(), expected.size()) == 0;
    });
  });
  return good ? verdict::good : verdict::forged;
}

} // namespace waybill::webhook_signature
