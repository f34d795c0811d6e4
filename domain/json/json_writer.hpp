#pragma once

#include "domain/base/time.hpp"

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace waybill {

/// Adds `text` as a JSON string, quoted and escaped. Octets that are not UTF-8 become U+FFFD, so that the result can
/// always be read.
void append_json_string(std::string& out, std::string_view text);

/// Writes JSON text front to back; commas and escapes are its business, the right order of calls is the caller's.
class json_writer {
public:
  json_writer() { out_.reserve(usual_size); }

  json_writer& begin_object() { return open('{'); }
  json_writer& end_object() { return shut('}'); }
  json_writer& begin_array() { return open('['); }
  json_writer& end_array() { return shut(']'); }

  /// The name of the member whose value comes next.
  json_writer& key(std::string_view name);
  json_writer& text(std::string_view value);
  json_writer& number(std::int64_t value);
  /// As RFC 3339.
  json_writer& time(timestamp value);
  json_writer& boolean(bool value);
  json_writer& null();
  /// A value that is JSON already.
  json_writer& raw(std::string_view json);

  json_writer& member(std::string_view name, std::string_view value) { return key(name).text(value); }
  json_writer& member(std::string_view name, const char* value) { return key(name).text(value); }
  json_writer& member(std::string_view name, timestamp value) { return key(name).time(value); }
  json_writer& member(std::string_view name, std::integral auto value) {
    if constexpr (std::same_as<decltype(value), bool>)
      return key(name).boolean(value);
    else
      return key(name).number(static_cast<std::int64_t>(value));
  }

  [[nodiscard]] std::string take() { return std::move(out_); }

private:
  static constexpr std::size_t usual_size = 512;

  json_writer& open(char c);
  json_writer& shut(char c);
  void separate();

  std::string out_;
  bool first_ = true;
};

} // namespace waybill
