#include "domain/json/json_writer.hpp"

#include "domain/json/utf8.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace waybill {

namespace {

constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

constexpr bool is_plain(unsigned char c) noexcept {
  return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

/// How many octets at the front are written as they are, in steps of eight as long as that goes: nearly all texts are
/// nothing else.
std::size_t plain_length(std::string_view text) noexcept {
  constexpr std::uint64_t each = 0x0101010101010101;
  std::size_t done = 0;
  for (; text.size() - done >= sizeof(std::uint64_t); done += sizeof(std::uint64_t)) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, text.data() + done, sizeof eight);
    // Each term sets the high bit of an octet that is not plain. A carry can only come out of such an octet, so that it
    // never hides one.
    const auto control = eight - each * 0x20;
    const auto quote = (eight ^ each * '"') - each;
    const auto backslash = (eight ^ each * '\\') - each;
    const auto del = eight + each;
    if (((eight | control | quote | backslash | del) & each * 0x80) != 0)
      break;
  }
  while (done < text.size() && is_plain(static_cast<unsigned char>(text[done])))
    ++done;
  return done;
}

void append_control(std::string& out, unsigned char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  switch (c) {
    case '\n': out += "\\n"; break;
    case '\r': out += "\\r"; break;
    case '\t': out += "\\t"; break;
    default:
      out += "\\u00";
      out += digits[c >> 4U];
      out += digits[c & 15U];
  }
}

} // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (;;) {
    const auto plain = plain_length(text);
    out.append(text.data(), plain);
    text.remove_prefix(plain);
    if (text.empty())
      break;
    const auto c = static_cast<unsigned char>(text.front());
    const auto length = utf8_length(text);
    if (length == 0) {
      out += replacement_character;
    } else if (length > 1) {
      out.append(text.data(), length);
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else {
      append_control(out, c);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
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

json_writer& json_writer::time(timestamp value) {
  separate();
  out_ += '"';
  append_rfc3339(out_, value);
  out_ += '"';
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
