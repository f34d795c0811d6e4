#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace waybill {

/// The number that is all of `text`, in decimal digits (floating-point numbers also as `1.5e3`). Nothing for any other
/// text, nor for a number that `Number` cannot hold; a `-` only where it is signed, never a `+` or blanks.
template <class Number>
std::optional<Number> parse_number(std::string_view text) noexcept {
  Number number{};
  const auto* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc{} || end != last)
    return std::nullopt;
  return number;
}

/// Appends the low digits of `number`, so many, in lower case.
inline void append_hex(std::string& out, std::uint64_t number, int digits) {
  constexpr std::string_view characters = "0123456789abcdef";
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
    out += characters[(number >> shift) & 15U];
}

} // namespace waybill
