#include "gateway/http/cursor.hpp"

#include <charconv>
#include <cstdint>

namespace waybill::http {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t max_cursor = 256;

} // namespace

std::string to_base64url(std::string_view octets) {
  std::string out;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : octets) {
    bits = (bits << 8U) | static_cast<unsigned char>(c);
    for (held += 8; held >= 6; held -= 6)
      out += alphabet[(bits >> (held - 6)) & 63U];
  }
  if (held > 0)
    out += alphabet[(bits << (6 - held)) & 63U];
  return out;
}

std::optional<std::string> from_base64url(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    const auto value = alphabet.find(c);
    if (value == std::string_view::npos)
      return std::nullopt;
    bits = (bits << 6U) | static_cast<std::uint32_t>(value);
    held += 6;
    if (held >= 8) {
      held -= 8;
      out += static_cast<char>((bits >> held) & 0xFFU);
    }
  }
  // One text for each value: what is left over is less than a character and zero.
  if (held == 6 || (bits & ((1U << held) - 1U)) != 0)
    return std::nullopt;
  return out;
}

std::string to_cursor(std::string_view list, const list_cursor& at) {
  std::string text{list};
  text += '|';
  if (at.time)
    text += std::to_string(at.time->time_since_epoch().count());
  return to_base64url(text + '|' + at.id);
}

std::optional<list_cursor> from_cursor(std::string_view list, std::string_view text) {
  if (text.size() > max_cursor)
    return std::nullopt;
  const auto plain = from_base64url(text);
  if (!plain || !plain->starts_with(list) || plain->size() <= list.size() || (*plain)[list.size()] != '|')
    return std::nullopt;
  std::string_view rest{*plain};
  rest.remove_prefix(list.size() + 1);
  const auto bar = rest.find('|');
  if (bar == std::string_view::npos)
    return std::nullopt;
  list_cursor result;
  if (const auto digits = rest.substr(0, bar); !digits.empty()) {
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (error != std::errc{} || end != digits.data() + digits.size())
      return std::nullopt;
    result.time = timestamp{timestamp::duration{count}};
  }
  result.id = rest.substr(bar + 1);
  return result;
}

} // namespace waybill::http
