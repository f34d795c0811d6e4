#include "domain/octets/octets.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace waybill {

namespace {

unsigned char* bytes_of(std::string& octets) {
  return reinterpret_cast<unsigned char*>(octets.data());
}

const unsigned char* bytes_of(std::string_view octets) {
  return reinterpret_cast<const unsigned char*>(octets.data());
}

std::string encode(std::string_view octets, int variant) {
  std::string text(sodium_base64_encoded_len(octets.size(), variant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes_of(octets), octets.size(), variant);
  // The function ends the text with a NUL.
  text.pop_back();
  return text;
}

std::optional<std::string> decode(std::string_view text, int variant) {
  // libsodium 1.0.18 takes some octets above 0x7F for characters of the alphabet.
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) > 0x7F; }))
    return std::nullopt;
  std::string octets(text.size() / 4 * 3 + 3, '\0');
  std::size_t size = 0;
  // Without a place for the end of what was read, the function fails unless it has read all of the text.
  if (sodium_base642bin(bytes_of(octets), octets.size(), text.data(), text.size(), nullptr, &size, nullptr, variant)
      != 0)
    return std::nullopt;
  octets.resize(size);
  return octets;
}

void fill_randomly(void* octets, std::size_t count) {
  static const bool is_usable = sodium_init() >= 0;
  if (!is_usable)
    throw std::runtime_error{"libsodium cannot be used"};
  randombytes_buf(octets, count);
}

} // namespace

std::string to_base64url(std::string_view octets) {
  return encode(octets, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

std::optional<std::string> from_base64url(std::string_view text) {
  return decode(text, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

std::string to_base64(std::string_view octets) {
  return encode(octets, sodium_base64_VARIANT_ORIGINAL);
}

std::optional<std::string> from_base64(std::string_view text) {
  return decode(text, sodium_base64_VARIANT_ORIGINAL);
}

std::string sha256(std::string_view octets) {
  std::string digest(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(bytes_of(digest), bytes_of(octets), octets.size());
  return digest;
}

std::string sha256_hex(std::string_view octets) {
  const auto digest = sha256(octets);
  std::string text(2 * digest.size() + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes_of(std::string_view{digest}), digest.size());
  text.pop_back();
  return text;
}

std::string hmac_sha256(std::string_view key, std::initializer_list<std::string_view> message) {
  crypto_auth_hmacsha256_state state{};
  crypto_auth_hmacsha256_init(&state, bytes_of(key), key.size());
  for (const auto part : message)
    crypto_auth_hmacsha256_update(&state, bytes_of(part), part.size());
  std::string code(crypto_auth_hmacsha256_BYTES, '\0');
  crypto_auth_hmacsha256_final(&state, bytes_of(code));
  return code;
}

std::string random_octets(std::size_t count) {
  std::string octets(count, '\0');
  fill_randomly(octets.data(), octets.size());
  return octets;
}

std::uint64_t random_number() {
  thread_local std::array<std::uint64_t, 64> stock{};
  thread_local std::size_t left = 0;
  if (left == 0) {
    fill_randomly(stock.data(), sizeof stock);
    left = stock.size();
  }
  return std::exchange(stock.at(--left), 0);
}

} // namespace waybill
