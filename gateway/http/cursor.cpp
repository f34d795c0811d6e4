#include "gateway/http/cursor.hpp"

#include "domain/base/number.hpp"
#include "domain/octets/octets.hpp"

#include <cstdint>

namespace waybill::http {

namespace {

constexpr std::size_t max_cursor = 256;

} // namespace

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
    const auto count = parse_number<std::int64_t>(digits);
    if (!count)
      return std::nullopt;
    result.time = timestamp{timestamp::duration{*count}};
  }
  result.id = rest.substr(bar + 1);
  return result;
}

} // namespace waybill::http
