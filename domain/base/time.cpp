#include "domain/base/time.hpp"

#include <array>
#include <cstdint>

namespace waybill {

namespace {

using namespace std::chrono;

/// Writes `number` as `width` digits and returns where they end.
char* put(char* to, unsigned number, std::size_t width) {
  for (auto i = width; i > 0; --i, number /= 10)
    to[i - 1] = static_cast<char>('0' + number % 10);
  return to + width;
}

char* put(char* to, char c) {
  *to = c;
  return to + 1;
}

/// RFC 3339 has no other years; these are as long as they need to be.
void append_far_year(std::string& out, int year) {
  const auto digits = std::to_string(year);
  constexpr std::size_t width = 4;
  out.append(width > digits.size() ? width - digits.size() : 0, '0');
  out += digits;
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

void append_rfc3339(std::string& out, timestamp time) {
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  const auto year = static_cast<int>(date.year());
  constexpr std::size_t length = sizeof "2026-11-21T03:40:22.000001Z" - 1;
  std::array<char, length> text{};
  auto* end = text.data();
  constexpr int last_year = 9999;
  if (year >= 0 && year <= last_year)
    end = put(end, static_cast<unsigned>(year), 4);
  else
    append_far_year(out, year);
  end = put(put(end, '-'), static_cast<unsigned>(date.month()), 2);
  end = put(put(end, '-'), static_cast<unsigned>(date.day()), 2);
  end = put(put(end, 'T'), static_cast<unsigned>(clock.hours().count()), 2);
  end = put(put(end, ':'), static_cast<unsigned>(clock.minutes().count()), 2);
  end = put(put(end, ':'), static_cast<unsigned>(clock.seconds().count()), 2);
  end = put(put(end, '.'), static_cast<unsigned>(clock.subseconds().count()), 6);
  end = put(end, 'Z');
  out.append(text.data(), end);
}

std::string to_rfc3339(timestamp time) {
  std::string result;
  append_rfc3339(result, time);
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

} // namespace waybill
