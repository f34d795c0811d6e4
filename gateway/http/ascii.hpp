#pragma once

#include <algorithm>
#include <string_view>

namespace waybill::http {

/// Whether two texts are the same but for the case of ASCII letters. In place of Beast's iequals, which reads one octet
/// behind the end when the case differs (Boost 1.81).
inline bool same_letters(std::string_view a, std::string_view b) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

} // namespace waybill::http
