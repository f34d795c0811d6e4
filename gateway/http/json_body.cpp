#include "gateway/http/json_body.hpp"

#include "domain/json/utf8.hpp"
#include "domain/text/unicode.hpp"

#include <algorithm>
#include <cmath>

namespace waybill::http {

namespace json = boost::json;

namespace {

/// Beyond it not every whole number has a floating-point number of its own (RFC 8259, section 6).
constexpr double largest_exact = 9007199254740991;

bool is_huge(const json::value& value) noexcept {
  return value.is_double() && std::abs(value.get_double()) > largest_exact;
}

/// `1`, and also `1.0` and `1e2`, which JSON Schema calls integers too.
std::optional<std::int64_t> whole_number(const json::value& value) noexcept {
  if (value.is_int64())
    return value.get_int64();
  if (!value.is_double() || is_huge(value) || std::trunc(value.get_double()) != value.get_double())
    return std::nullopt;
  return static_cast<std::int64_t>(value.get_double());
}

} // namespace

std::string check_text(std::string_view value, length allowed) {
  if (has_control_characters(value))
    return "must not contain control characters";
  if (allowed.least > 0 && !value.empty() && !has_visible_characters(value))
    return "must not be blank";
  return check_length(value, allowed);
}

std::string check_length(std::string_view value, length allowed) {
  const auto points = count_code_points(value);
  if (points >= allowed.least && points <= allowed.most)
    return {};
  return "must be " + std::to_string(allowed.least) + " to " + std::to_string(allowed.most) + " characters long";
}

object_reader::object_reader(const json::value& from, std::string pointer, std::vector<field_error>& errors)
  : object_(from.if_object()), pointer_(std::move(pointer)), errors_(&errors), silent_(from.is_null()) {
  if (!object_ && !silent_) {
    errors_->push_back({pointer_, "must be an object"});
    silent_ = true;
  }
}

std::string object_reader::pointer_to(std::string_view name) const {
  std::string result = pointer_ + '/';
  for (const char c : name) {
    if (c == '~')
      result += "~0";
    else if (c == '/')
      result += "~1";
    else
      result += c;
  }
  return result;
}

void object_reader::complain(std::string_view name, std::string detail) {
  if (!silent_)
    errors_->push_back({pointer_to(name), std::move(detail)});
}

const json::value* object_reader::optional(std::string_view name) {
  taken_.push_back(name);
  return object_ ? object_->if_contains(name) : nullptr;
}

const json::value* object_reader::required(std::string_view name) {
  const auto* value = optional(name);
  if (!value)
    complain(name, "is missing");
  return value;
}

std::string object_reader::read_text(std::string_view name, const json::value& value, length allowed) {
  const auto* text = value.if_string();
  if (!text) {
    complain(name, "must be a string");
    return {};
  }
  if (auto wrong = check_text(*text, allowed); !wrong.empty()) {
    complain(name, std::move(wrong));
    return {};
  }
  return std::string{text->data(), text->size()};
}

std::string object_reader::text(std::string_view name, length allowed) {
  const auto* value = required(name);
  return value ? read_text(name, *value, allowed) : std::string{};
}

std::optional<std::string> object_reader::optional_text(std::string_view name, length allowed) {
  const auto* value = optional(name);
  if (!value)
    return std::nullopt;
  return read_text(name, *value, allowed);
}

std::optional<std::string> object_reader::removable_text(std::string_view name, length allowed) {
  const auto* value = optional(name);
  if (!value)
    return std::nullopt;
  return value->is_null() ? std::string{} : read_text(name, *value, allowed);
}

std::int64_t object_reader::integer(std::string_view name, range allowed) {
  const auto* value = required(name);
  if (!value)
    return 0;
  const auto whole = whole_number(*value);
  if (!whole) {
    complain(name, value->is_uint64() || is_huge(*value) ? "is out of range" : "must be a whole number");
    return 0;
  }
  const auto number = *whole;
  if (number >= allowed.least && number <= allowed.most)
    return number;
  complain(name, "must be " + std::to_string(allowed.least) + " to " + std::to_string(allowed.most));
  return 0;
}

const json::array& object_reader::array(std::string_view name, length allowed) {
  static const json::array none;
  const auto* value = required(name);
  if (!value)
    return none;
  const auto* items = value->if_array();
  if (!items) {
    complain(name, "must be an array");
    return none;
  }
  if (items->size() < allowed.least || items->size() > allowed.most) {
    complain(name, "must hold " + std::to_string(allowed.least) + " to " + std::to_string(allowed.most) + " items");
    return none;
  }
  return *items;
}

object_reader object_reader::object(std::string_view name) {
  static const json::value nothing;
  const auto* value = required(name);
  if (value && value->is_null()) {
    complain(name, "must be an object");
    value = nullptr;
  }
  return {value ? *value : nothing, pointer_to(name), *errors_};
}

void object_reader::finish() {
  if (!object_)
    return;
  for (const auto& member : *object_) {
    const std::string_view name{member.key().data(), member.key().size()};
    if (std::find(taken_.begin(), taken_.end(), name) == taken_.end())
      complain(name, "is not known");
  }
}

} // namespace waybill::http
