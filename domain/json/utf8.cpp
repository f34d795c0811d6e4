#include "domain/json/utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace waybill {

namespace {

bool are_ascii(const char* eight_octets) noexcept {
  constexpr std::uint64_t high_bits = 0x8080808080808080;
  std::uint64_t eight = 0;
  std::memcpy(&eight, eight_octets, sizeof eight);
  return (eight & high_bits) == 0;
}

/// How many octets at the front are ASCII, in steps of eight: nearly all texts are nothing else.
std::size_t skip_ascii(std::string_view text) noexcept {
  constexpr std::size_t step = sizeof(std::uint64_t);
  std::size_t done = 0;
  while (text.size() - done >= step && are_ascii(text.data() + done))
    done += step;
  // The last step takes in some of those before it.
  const bool is_last = text.size() >= step && text.size() - done < step;
  return is_last && are_ascii(text.data() + text.size() - step) ? text.size() : done;
}

} // namespace

std::size_t utf8_length(std::string_view text) noexcept {
  const auto octet = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto follows = [&](std::size_t i) { return (octet(i) & 0xC0U) == 0x80U; };
  const auto lead = octet(0);
  if (lead < 0x80)
    return text.empty() ? 0 : 1;
  if (lead >= 0xC2 && lead <= 0xDF)
    return follows(1) ? 2 : 0;
  // Over-long forms, surrogates and what lies beyond U+10FFFF show in the second octet.
  if (lead >= 0xE0 && lead <= 0xEF) {
    const bool allowed = !(lead == 0xE0 && octet(1) < 0xA0) && !(lead == 0xED && octet(1) > 0x9F);
    return allowed && follows(1) && follows(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const bool allowed = !(lead == 0xF0 && octet(1) < 0x90) && !(lead == 0xF4 && octet(1) > 0x8F);
    return allowed && follows(1) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

bool is_utf8(std::string_view text) noexcept {
  text.remove_prefix(skip_ascii(text));
  while (!text.empty()) {
    const auto length = utf8_length(text);
    if (length == 0)
      return false;
    text.remove_prefix(length);
  }
  return true;
}

std::size_t count_code_points(std::string_view text) noexcept {
  return static_cast<std::size_t>(
    std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

} // namespace waybill
