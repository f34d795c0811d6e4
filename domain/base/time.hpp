#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace waybill {

/// A point in time, UTC, in microseconds: what both databases keep without loss.
using timestamp = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;
using std::chrono::milliseconds;

inline timestamp now() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

/// RFC 3339 with six decimals and `Z`, for example `2026-11-21T03:40:22.000001Z`.
std::string to_rfc3339(timestamp time);

/// Reads RFC 3339 (section 5.6) with any offset and up to nine decimals; nothing for any other text.
std::optional<timestamp> parse_rfc3339(std::string_view text);

/// Reads `250ms`, `4s`, `2m`, `1h`, `90d`: a whole number of one unit, up to ten years.
std::optional<milliseconds> parse_duration(std::string_view text);

/// The same in the largest unit that divides it.
std::string duration_text(milliseconds duration);

} // namespace waybill
