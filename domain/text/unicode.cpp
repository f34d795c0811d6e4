#include "domain/text/unicode.hpp"

#include "domain/base/number.hpp"
#include "domain/text/code_points.hpp"

namespace waybill {

namespace {

constexpr code_point zero_width_non_joiner = 0x200C;
constexpr code_point zero_width_joiner = 0x200D;
/// The combining class of viramas.
constexpr utf8proc_propval_t virama = 9;

bool lies_in(code_point point, code_point first, code_point last) noexcept {
  return point >= first && point <= last;
}

bool is_control(code_point point) noexcept {
  // Most text.
  if (lies_in(point, 0x20, 0x7E) || lies_in(point, 0xA0, 0x2FF))
    return false;
  const bool directs = lies_in(point, 0x202A, 0x202E) || lies_in(point, 0x2066, 0x2069);
  // The Unicode Standard, 23.3: deprecated, and what they do to the text behind them is not seen.
  const bool deprecated = lies_in(point, 0x206A, 0x206F) || point == 0xE0001;
  const bool separates = point == 0x2028 || point == 0x2029;
  const bool annotates = point == 0xFEFF || lies_in(point, 0xFFF9, 0xFFFB);
  const bool no_character = lies_in(point, 0xFDD0, 0xFDEF) || (point & 0xFFFE) == 0xFFFE;
  return point < 0x20 || lies_in(point, 0x7F, 0x9F) || directs || deprecated || separates || annotates || no_character;
}

/// ALM, LRM and RLM: part of names in Arabic and Hebrew, but a terminal would move what stands beside them.
bool is_direction_mark(code_point point) noexcept {
  return point == 0x061C || point == 0x200E || point == 0x200F;
}

bool is_visible(code_point point) noexcept {
  const auto* property = utf8proc_get_property(point);
  switch (static_cast<utf8proc_category_t>(property->category)) {
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF: return false;
    // BRAILLE PATTERN BLANK is a symbol that shows nothing.
    default: return property->ignorable == 0 && point != 0x2800;
  }
}

bool is_allowed_in_password(code_point point, code_point before) noexcept {
  if (point == zero_width_joiner || point == zero_width_non_joiner)
    return before >= 0 && utf8proc_get_property(before)->combining_class == virama;
  const auto* property = utf8proc_get_property(point);
  switch (static_cast<utf8proc_category_t>(property->category)) {
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP: return false;
    default: return property->ignorable == 0;
  }
}

void append_unit(std::string& out, unsigned unit) {
  out += "\\u";
  append_hex(out, unit, 4);
}

/// As JSON writes it: code points beyond 16 bits as two.
void append_escaped(std::string& out, code_point point) {
  constexpr unsigned first_beyond = 0x10000;
  const auto value = static_cast<unsigned>(point);
  if (value < first_beyond)
    return append_unit(out, value);
  append_unit(out, 0xD800U + ((value - first_beyond) >> 10U));
  append_unit(out, 0xDC00U + ((value - first_beyond) & 0x3FFU));
}

/// Called by utf8proc for each code point before it composes.
code_point space_to_blank(code_point point, void*) {
  return utf8proc_category(point) == UTF8PROC_CATEGORY_ZS ? ' ' : point;
}

} // namespace

bool has_control_characters(std::string_view text) noexcept {
  while (!text.empty())
    if (const auto point = take(text); point < 0 || is_control(point))
      return true;
  return false;
}

bool has_visible_characters(std::string_view text) noexcept {
  while (!text.empty())
    if (const auto point = take(text); point >= 0 && is_visible(point))
      return true;
  return false;
}

std::string escape_control_characters(std::string_view text, bool keep_lines) {
  constexpr code_point replacement = 0xFFFD;
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto before = text;
    const auto point = take(text);
    if (point < 0)
      append_escaped(out, replacement);
    else if ((is_control(point) || is_direction_mark(point)) && !(keep_lines && point == '\n'))
      append_escaped(out, point);
    else
      out.append(before.substr(0, before.size() - text.size()));
  }
  return out;
}

std::string opaque_string(std::string_view password) {
  // Octets that are no text have no other form.
  return map_text(password, UTF8PROC_STABLE | UTF8PROC_COMPOSE, space_to_blank).value_or(std::string{password});
}

bool is_opaque_string(std::string_view password) noexcept {
  code_point before = -1;
  while (!password.empty()) {
    const auto point = take(password);
    if (point < 0 || !is_allowed_in_password(point, before))
      return false;
    before = point;
  }
  return true;
}

} // namespace waybill
