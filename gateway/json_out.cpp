#include "gateway/json_out.hpp"

#include <array>
#include <charconv>

namespace waybill::http {

void json_out::separate() {
  if (!first_)
    out_ += ',';
  first_ = false;
}

json_out& json_out::open(char c) {
  separate();
  out_ += c;
  first_ = true;
  return *this;
}

json_out& json_out::shut(char c) {
  out_ += c;
  first_ = false;
  return *this;
}

json_out& json_out::key(std::string_view name) {
  separate();
  quoted(name);
  out_ += ':';
  first_ = true;
  return *this;
}

json_out& json_out::text(std::string_view value) {
  separate();
  quoted(value);
  return *this;
}

json_out& json_out::number(std::int64_t value) {
  separate();
  std::array<char, 24> digits{};
  out_.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
  return *this;
}

json_out& json_out::boolean(bool value) {
  return raw(value ? "true" : "false");
}

json_out& json_out::null() {
  return raw("null");
}

json_out& json_out::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

void json_out::quoted(std::string_view value) {
  constexpr std::string_view hex = "0123456789abcdef";
  out_ += '"';
  for (const char c : value) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out_ += '\\';
      out_ += c;
    } else if (c == '\n') {
      out_ += "\\n";
    } else if (code < 0x20) {
      out_ += "\\u00";
      out_ += hex[code >> 4U];
      out_ += hex[code & 15U];
    } else {
      out_ += c;
    }
  }
  out_ += '"';
}

} // namespace waybill::http
