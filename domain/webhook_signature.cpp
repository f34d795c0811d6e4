#include "domain/webhook_signature.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <stdexcept>

namespace waybill::webhook_signature {

namespace {

constexpr std::size_t shortest_key = 24;
constexpr std::size_t longest_key = 64;
constexpr std::string_view version = "v1,";

std::string to_base64(std::string_view octets) {
  // OpenSSL puts a NUL behind it.
  std::string text((octets.size() + 2) / 3 * 4 + 1, '\0');
  const auto size =
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                    reinterpret_cast<const unsigned char*>(octets.data()), static_cast<int>(octets.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0)
    return std::nullopt;
  std::string octets(text.size() / 4 * 3, '\0');
  const auto size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(octets.data()),
                                    reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  const auto padding = static_cast<std::size_t>(std::ranges::count(text, '='));
  if (size < 0 || padding > 2)
    return std::nullopt;
  octets.resize(static_cast<std::size_t>(size) - padding);
  // Blanks that OpenSSL skips, or `=` in the middle.
  if (to_base64(octets) != text)
    return std::nullopt;
  return octets;
}

/// Calls `each` with the words of `text` until it answers true; whether it did.
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
  std::int64_t seconds = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (code != std::errc{} || end != text.data() + text.size() || seconds < 0)
    return std::nullopt;
  return seconds;
}

} // namespace

result<std::vector<key>> read_keys(std::string_view secrets) {
  std::vector<key> keys;
  const bool bad = any_word(secrets, [&](std::string_view word) {
    if (!word.starts_with(secret_prefix))
      return true;
    auto octets = from_base64(word.substr(secret_prefix.size()));
    if (!octets || octets->size() < shortest_key || octets->size() > longest_key)
      return true;
    keys.push_back({std::move(*octets)});
    return false;
  });
  if (bad)
    return failure{ec::invalid_argument, "a secret is `whsec_` and 24 to 64 octets in Base64"};
  return keys;
}

std::string write_secret(const key& what) {
  return std::string{secret_prefix} + to_base64(what.octets);
}

std::string sign(const key& with, std::string_view id, std::int64_t unix_seconds, std::string_view body) {
  std::string signed_text{id};
  signed_text += '.';
  signed_text += std::to_string(unix_seconds);
  signed_text += '.';
  signed_text += body;
  std::array<unsigned char, EVP_MAX_MD_SIZE> code{};
  unsigned int size = 0;
  if (HMAC(EVP_sha256(), with.octets.data(), static_cast<int>(with.octets.size()),
           reinterpret_cast<const unsigned char*>(signed_text.data()), signed_text.size(), code.data(), &size)
      == nullptr)
    throw std::runtime_error{"HMAC-SHA256 cannot be computed"};
  return std::string{version} + to_base64({reinterpret_cast<const char*>(code.data()), size});
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
  const bool good = std::ranges::any_of(keys, [&](const key& one) {
    const auto expected = sign(one, headers.id, *seconds, body);
    return any_word(headers.signatures, [&](std::string_view word) {
      return word.size() == expected.size() && CRYPTO_memcmp(word.data(), expected.data(), expected.size()) == 0;
    });
  });
  return good ? verdict::good : verdict::forged;
}

} // namespace waybill::webhook_signature
