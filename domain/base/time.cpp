#include "domain/base/time.hpp"

#include "domain/base/number.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace waybill {

namespace {

using namespace std::chrono;

void append_padded(std::string& out, std::int64_t number, std::size_t width) {
  std::array<char, 24> digits{};
  auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  const auto length = static_cast<std::size_t>(end - digits.data());
  out.append(width > length ? width - length : 0, '0');
  out.append(digits.data(), length);
}

/// Reads exactly `width` digits at the front of `text` and takes them off.
std::optional<int> take_number(std::string_view& text, std::size_t width) {
  if (text.size() < width)
    return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < width; ++i) {
    if (text[i] < '0' || text[i] > '9')
      return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(width);
  return value;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos)
    return false;
  text.remove_prefix(1);
  return true;
}

/// Reads `.123456789` (microseconds are kept, the rest is cut off); a missing fraction is zero.
std::optional<microseconds> take_fraction(std::string_view& text) {
  if (!take(text, "."))
    return microseconds{0};
  std::int64_t value = 0;
  std::size_t digits = 0;
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; ++digits, text.remove_prefix(1))
    if (digits < 6)
      value = value * 10 + (text.front() - '0');
  if (digits == 0 || digits > 9)
    return std::nullopt;
  for (auto i = digits; i < 6; ++i)
    value *= 10;
  return microseconds{value};
}

std::optional<minutes> take_offset(std::string_view& text) {
  if (take(text, "Zz"))
    return minutes{0};
  const bool negative = text.starts_with('-');
  if (!take(text, "+-"))
    return std::nullopt;
  auto hour = take_number(text, 2);
  if (!hour || !take(text, ":"))
    return std::nullopt;
  auto minute = take_number(text, 2);
  if (!minute || *hour > 23 || *minute > 59)
    return std::nullopt;
  const auto offset = hours{*hour} + minutes{*minute};
  return negative ? -offset : offset;
}

} // namespace

std::string to_rfc3339(timestamp time) {
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  std::string result;
  result.reserve(27);
  append_padded(result, static_cast<int>(date.year()), 4);
  result += '-';
  append_padded(result, static_cast<unsigned>(date.month()), 2);
  result += '-';
  append_padded(result, static_cast<unsigned>(date.day()), 2);
  result += 'T';
  append_padded(result, clock.hours().count(), 2);
  result += ':';
  append_padded(result, clock.minutes().count(), 2);
  result += ':';
  append_padded(result, clock.seconds().count(), 2);
  result += '.';
  append_padded(result, clock.subseconds().count(), 6);
  result += 'Z';
  return result;
}

std::optional<timestamp> parse_rfc3339(std::string_view text) {
  auto y = take_number(text, 4);
  if (!y || !take(text, "-"))
    return std::nullopt;
  auto m = take_number(text, 2);
  if (!m || !take(text, "-"))
    return std::nullopt;
  auto d = take_number(text, 2);
  if (!d || !take(text, "Tt"))
    return std::nullopt;
  auto hour = take_number(text, 2);
  if (!hour || !take(text, ":"))
    return std::nullopt;
  auto minute = take_number(text, 2);
  if (!minute || !take(text, ":"))
    return std::nullopt;
  auto second = take_number(text, 2);
  if (!second)
    return std::nullopt;
  auto fraction = take_fraction(text);
  if (!fraction)
    return std::nullopt;
  auto offset = take_offset(text);
  const year_month_day date{year{*y}, month{static_cast<unsigned>(*m)}, day{static_cast<unsigned>(*d)}};
  if (!offset || !text.empty() || !date.ok() || *hour > 23 || *minute > 59 || *second > 60)
    return std::nullopt;
  return timestamp{sys_days{date} + hours{*hour} + minutes{*minute} + seconds{*second} + *fraction - *offset};
}

std::optional<milliseconds> parse_duration(std::string_view text) {
  const auto unit_at = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto unit = text.substr(unit_at);
  const auto count = parse_number<std::int64_t>(text.substr(0, unit_at));
  const std::int64_t factor = unit == "ms"  ? 1
                              : unit == "s" ? 1'000
                              : unit == "m" ? 60'000
                              : unit == "h" ? 3'600'000
                              : unit == "d" ? 86'400'000
                                            : 0;
  if (!count || factor == 0 || *count > milliseconds{days{3'650}}.count() / factor)
    return std::nullopt;
  return milliseconds{*count * factor};
}

std::string duration_text(milliseconds duration) {
  const auto count = duration.count();
  if (count != 0 && count % 86'400'000 == 0)
    return std::to_string(count / 86'400'000) + 'd';
  if (count != 0 && count % 3'600'000 == 0)
    return std::to_string(count / 3'600'000) + 'h';
  if (count != 0 && count % 60'000 == 0)
    return std::to_string(count / 60'000) + 'm';
  if (count % 1'000 == 0)
    return std::to_string(count / 1'000) + 's';
  return std::to_string(count) + "ms";
}

} // namespace waybill
