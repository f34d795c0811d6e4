#include "messages/journal/log_position.hpp"

#include <algorithm>
#include <charconv>

namespace waybill {

namespace {

constexpr std::size_t half_length = 13;

void append_hex(std::string& out, std::uint64_t number) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (int shift = (static_cast<int>(half_length) - 1) * 4; shift >= 0; shift -= 4)
    out += digits[(number >> shift) & 15U];
}

bool parse_hex(std::string_view text, std::uint64_t& number) {
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return std::all_of(text.begin(), text.end(), is_digit)
         && std::from_chars(text.data(), text.data() + text.size(), number, 16).ec == std::errc{};
}

} // namespace

std::string to_string(log_position position) {
  std::string result;
  result.reserve(2 * half_length);
  append_hex(result, position.transaction);
  append_hex(result, position.sequence);
  return result;
}

std::optional<log_position> parse_log_position(std::string_view text) {
  log_position result;
  if (text.size() != 2 * half_length || !parse_hex(text.substr(0, half_length), result.transaction)
      || !parse_hex(text.substr(half_length), result.sequence))
    return std::nullopt;
  return result;
}

} // namespace waybill
