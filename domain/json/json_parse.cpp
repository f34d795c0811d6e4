#include "domain/json/json_parse.hpp"

#include "domain/base/errors.hpp"
#include "domain/json/utf8.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/error.hpp>
#include <boost/json/value_stack.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace waybill {

namespace json = boost::json;

namespace {

constexpr std::size_t max_depth = 32;

/// Builds a value and refuses a member name that comes twice: parsers that keep the first and those that keep the last
/// would understand the same request differently (RFC 8259, section 4).
struct handler {
  static constexpr std::size_t max_object_size = 100'000;
  static constexpr std::size_t max_array_size = 100'000;
  static constexpr std::size_t max_key_size = 1'024;
  static constexpr std::size_t max_string_size = 1'000'000;

  json::value_stack stack;
  std::vector<std::vector<std::string>> names;
  std::string name;
  std::optional<std::string> duplicate;

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) {
    names.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t n, json::error_code& error) {
    auto& all = names.back();
    std::sort(all.begin(), all.end());
    if (auto twice = std::adjacent_find(all.begin(), all.end()); twice != all.end()) {
      duplicate = *twice;
      error = json::error::object_too_large;
      return false;
    }
    names.pop_back();
    stack.push_object(n);
    return true;
  }
  bool on_array_begin(json::error_code&) { return true; }
  bool on_array_end(std::size_t n, json::error_code&) {
    stack.push_array(n);
    return true;
  }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    name.append(part.data(), part.size());
    stack.push_chars(part);
    return true;
  }
  bool on_key(json::string_view part, std::size_t, json::error_code&) {
    name.append(part.data(), part.size());
    names.back().push_back(std::move(name));
    name.clear();
    stack.push_key(part);
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
    stack.push_chars(part);
    return true;
  }
  bool on_string(json::string_view part, std::size_t, json::error_code&) {
    stack.push_string(part);
    return true;
  }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t value, json::string_view, json::error_code&) {
    stack.push_int64(value);
    return true;
  }
  bool on_uint64(std::uint64_t value, json::string_view, json::error_code&) {
    stack.push_uint64(value);
    return true;
  }
  bool on_double(double value, json::string_view, json::error_code&) {
    stack.push_double(value);
    return true;
  }
  bool on_bool(bool value, json::error_code&) {
    stack.push_bool(value);
    return true;
  }
  bool on_null(json::error_code&) {
    stack.push_null();
    return true;
  }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }
};

} // namespace

result<json::value> parse_json(std::string_view text) {
  if (!is_utf8(text))
    return failure{ec::invalid_argument, "the body is not UTF-8"};
  json::parse_options options;
  options.max_depth = max_depth;
  json::basic_parser<handler> parser{options};
  parser.handler().stack.reset();
  json::error_code error;
  const auto used = parser.write_some(false, text.data(), text.size(), error);
  if (const auto& twice = parser.handler().duplicate)
    return failure{ec::invalid_argument, "a member name comes twice: " + twice->substr(0, 64)};
  if (!error && used < text.size())
    error = json::error::extra_data;
  if (error)
    return failure{ec::invalid_argument,
                   "the body is not valid JSON at octet " + std::to_string(used) + ": " + error.message()};
  return parser.handler().stack.release();
}

} // namespace waybill
