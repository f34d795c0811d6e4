#include "domain/base/ids.hpp"

#include "domain/octets/octets.hpp"

#include <algorithm>
#include <chrono>

namespace waybill {

namespace {

// Crockford's base 32 in lower case: no i, l, o, u (https://www.crockford.com/base32.html).
constexpr std::string_view alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t suffix_length = 20;
constexpr int bits_per_character = 5;

/// Writes the low 50 bits of `bits` as ten characters.
void append_fifty_bits(std::string& out, std::uint64_t bits) {
  for (int shift = 9 * bits_per_character; shift >= 0; shift -= bits_per_character)
    out += alphabet[(bits >> shift) & 31U];
}

/// 48 bits of the time, then 52 of the noise.
std::string suffix_of(std::chrono::system_clock::time_point time, std::uint64_t noise) {
  const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  std::string result;
  result.reserve(suffix_length);
  append_fifty_bits(result, (static_cast<std::uint64_t>(passed) << 2U) | (noise >> 62U));
  append_fifty_bits(result, noise);
  return result;
}

} // namespace

std::string make_id_suffix() {
  return suffix_of(std::chrono::system_clock::now(), random_number());
}

std::string derive_id_suffix(std::string_view text, std::chrono::system_clock::time_point at) {
  const auto digest = sha256(text);
  std::uint64_t noise = 0;
  for (std::size_t i = 0; i < sizeof noise; ++i)
    noise = (noise << 8U) | static_cast<unsigned char>(digest[i]);
  return suffix_of(at, noise);
}

std::string derive_id_suffix(std::string_view text) {
  const auto digest = sha256(text);
  auto word = [&](std::size_t from) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 7; ++i)
      value = (value << 8U) | static_cast<unsigned char>(digest[from + i]);
    return value;
  };
  std::string result;
  result.reserve(suffix_length);
  append_fifty_bits(result, word(0));
  append_fifty_bits(result, word(7));
  return result;
}

bool is_id(std::string_view text, std::string_view prefix) noexcept {
  return text.size() == prefix.size() + suffix_length && text.starts_with(prefix)
         && std::all_of(text.begin() + static_cast<std::ptrdiff_t>(prefix.size()), text.end(),
                        [](char c) { return alphabet.find(c) != std::string_view::npos; });
}

} // namespace waybill
