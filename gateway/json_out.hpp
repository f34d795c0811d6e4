#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace waybill::http {

/// Writes JSON text front to back; commas and escapes are its business, the right order of calls is the caller's.
class json_out {
public:
  json_out& begin_object() { return open('{'); }
  json_out& end_object() { return shut('}'); }
  json_out& begin_array() { return open('['); }
  json_out& end_array() { return shut(']'); }

  /// The name of the member whose value comes next.
  json_out& key(std::string_view name);
  json_out& text(std::string_view value);
  json_out& number(std::int64_t value);
  json_out& boolean(bool value);
  json_out& null();
  /// A value that is JSON already.
  json_out& raw(std::string_view json);

  json_out& member(std::string_view name, std::string_view value) { return key(name).text(value); }
  json_out& member(std::string_view name, const char* value) { return key(name).text(value); }
  json_out& member(std::string_view name, std::integral auto value) {
    if constexpr (std::same_as<decltype(value), bool>)
      return key(name).boolean(value);
    else
      return key(name).number(static_cast<std::int64_t>(value));
  }

  [[nodiscard]] std::string take() { return std::move(out_); }

private:
  json_out& open(char c);
  json_out& shut(char c);
  void separate();
  void quoted(std::string_view value);

  std::string out_;
  bool first_ = true;
};

} // namespace waybill::http
