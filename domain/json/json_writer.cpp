#include "domain/json/json_writer.hpp"

#include "domain/base/number.hpp"
#include "domain/json/utf8.hpp"

#include <array>
#include <charconv>

namespace waybill {

namespace {

constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

void append_control(std::string& out, unsigned char c) {
  switch (c) {
    case '\n': out += "\\n"; break;
    case '\r': out += "\\r"; break;
    case '\t': out += "\\t"; break;
    default:
      out += "\\u";
      append_hex(out, c, 4);
  }
}

} // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t plain = 0;
  std::size_t i = 0;
  const auto flush = [&] { out.append(text.data() + plain, i - plain); };
  while (i < text.size()) {
    const auto c = static_cast<unsigned char>(text[i]);
    const std::size_t length = c < 0x80 ? 1 : utf8_length(text.substr(i));
    const bool control = c < 0x20 || c == 0x7F;
    if (length > 0 && !control && c != '"' && c != '\\') {
      i += length;
      continue;
    }
    flush();
    if (length == 0) {
      out += replacement_character;
    } else if (control) {
      append_control(out, c);
    } else {
      out += '\\';
      out += static_cast<char>(c);
    }
    plain = ++i;
  }
  flush();
  out += '"';
}

void json_writer::separate() {
  if (!first_)
    out_ += ',';
  first_ = false;
}

json_writer& json_writer::open(char c) {
  separate();
  out_ += c;
  first_ = true;
  return *this;
}

json_writer& json_writer::shut(char c) {
  out_ += c;
  first_ = false;
  return *this;
}

json_writer& json_writer::key(std::string_view name) {
  separate();
  append_json_string(out_, name);
  out_ += ':';
  first_ = true;
  return *this;
}

json_writer& json_writer::text(std::string_view value) {
  separate();
  append_json_string(out_, value);
  return *this;
}

json_writer& json_writer::number(std::int64_t value) {
  separate();
  std::array<char, 24> digits{};
  out_.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
  return *this;
}

json_writer& json_writer::boolean(bool value) {
  return raw(value ? "true" : "false");
}

json_writer& json_writer::null() {
  return raw("null");
}

json_writer& json_writer::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

} // namespace waybill
