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
/// The same, added to `out`.
void append_rfc3339(std::string& out, timestamp time);

/// Reads RFC 3339 (section 5.6) with any offset and up to nine decimals; nothing for any other text.
std::optional<timestamp> parse_rfc3339(std::string_view text);

} // namespace waybill
