#include "gateway/events/history_cursor.hpp"

#include "domain/base/number.hpp"
#include "domain/order/order_streams.hpp"

namespace waybill::http {

namespace {

constexpr char mark = '~';

/// No page shows more streams.
constexpr std::size_t max_streams = 200;

std::optional<seen_stream> parse_stream(std::string_view text, std::string_view order) {
  const auto dot = text.rfind('.');
  if (dot == std::string_view::npos || !is_stream_of_order(text.substr(0, dot), order))
    return std::nullopt;
  const auto version = parse_number<std::uint64_t>(text.substr(dot + 1));
  // The database's versions have a sign.
  if (!version || *version >> 63 != 0)
    return std::nullopt;
  return seen_stream{std::string{text.substr(0, dot)}, *version};
}

} // namespace

std::string to_string(const history_cursor& cursor) {
  auto text = to_string(cursor.position);
  for (const auto& [stream, version] : cursor.seen)
    text += mark + stream + '.' + std::to_string(version);
  return text;
}

std::optional<history_cursor> parse_history_cursor(std::string_view text, std::string_view order) {
  auto end = text.find(mark);
  const auto position = parse_log_position(text.substr(0, end));
  if (!position)
    return std::nullopt;
  history_cursor parsed{*position, {}};
  while (end != std::string_view::npos) {
    text.remove_prefix(end + 1);
    end = text.find(mark);
    auto stream = parse_stream(text.substr(0, end), order);
    if (!stream || parsed.seen.size() == max_streams)
      return std::nullopt;
    parsed.seen.push_back(std::move(*stream));
  }
  return parsed;
}

} // namespace waybill::http
