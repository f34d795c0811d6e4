#include "domain/json/codec.hpp"

#include "domain/base/errors.hpp"

#include <boost/json.hpp>

#include <array>
#include <charconv>

namespace waybill {

namespace json = boost::json;

namespace {

template <class Number>
void append_digits(std::string& out, Number number) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

} // namespace

namespace codec {

void append_number(std::string& out, std::int64_t number) {
  append_digits(out, number);
}

void append_number(std::string& out, std::uint64_t number) {
  append_digits(out, number);
}

void append_time(std::string& out, timestamp time) {
  out += '"';
  out += to_rfc3339(time);
  out += '"';
}

void append_text_map(std::string& out, const text_map& texts) {
  char separator = '{';
  for (const auto& [name, text] : texts) {
    out += separator;
    append_json_string(out, name);
    out += ':';
    append_json_string(out, text);
    separator = ',';
  }
  out += texts.empty() ? "{}" : "}";
}

bool read_string(const json::value& from, std::string& to, problem& why) {
  const auto* text = from.if_string();
  if (!text)
    return fail(why, "must be a string");
  to.assign(text->data(), text->size());
  return true;
}

bool read_number(const json::value& from, std::int64_t& to, problem& why) {
  if (from.is_uint64())
    return fail(why, "is out of range");
  const auto* number = from.if_int64();
  if (!number)
    return fail(why, "must be an integer");
  to = *number;
  return true;
}

bool read_number(const json::value& from, std::uint64_t& to, problem& why) {
  if (const auto* number = from.if_uint64()) {
    to = *number;
    return true;
  }
  const auto* number = from.if_int64();
  if (!number)
    return fail(why, "must be an integer");
  if (*number < 0)
    return fail(why, "is out of range");
  to = static_cast<std::uint64_t>(*number);
  return true;
}

bool read_bool(const json::value& from, bool& to, problem& why) {
  const auto* flag = from.if_bool();
  if (!flag)
    return fail(why, "must be true or false");
  to = *flag;
  return true;
}

bool read_time(const json::value& from, timestamp& to, problem& why) {
  const auto* text = from.if_string();
  const auto time = text ? parse_rfc3339({text->data(), text->size()}) : std::nullopt;
  if (!time)
    return fail(why, "must be an RFC 3339 time");
  to = *time;
  return true;
}

bool read_text_map(const json::value& from, text_map& to, problem& why) {
  if (!expect_object(from, why))
    return false;
  to.clear();
  for (const auto& [name, value] : from.get_object())
    if (!read_string(value, to[std::string{name.data(), name.size()}], why))
      return fail_in_member(why, {name.data(), name.size()});
  return true;
}

bool is_null(const json::value& from) noexcept {
  return from.is_null();
}

bool expect_object(const json::value& from, problem& why) {
  return from.is_object() || fail(why, "must be an object");
}

bool expect_array(const json::value& from, problem& why) {
  return from.is_array() || fail(why, "must be an array");
}

const json::value* find_member(const json::value& from, std::string_view name) {
  return from.get_object().if_contains({name.data(), name.size()});
}

std::size_t array_size(const json::value& from) {
  return from.get_array().size();
}

const json::value& array_at(const json::value& from, std::size_t index) {
  return from.get_array()[index];
}

bool fail(problem& why, std::string_view reason) {
  why.reason = reason;
  return false;
}

bool fail_in_member(problem& why, std::string_view name) {
  const bool needs_dot = !why.where.empty() && why.where.front() != '[';
  why.where = std::string{name} + (needs_dot ? "." : "") + why.where;
  return false;
}

bool fail_in_element(problem& why, std::size_t index) {
  const bool needs_dot = !why.where.empty() && why.where.front() != '[';
  why.where = "[" + std::to_string(index) + "]" + (needs_dot ? "." : "") + why.where;
  return false;
}

failure to_failure(const problem& why) {
  return unreadable((why.where.empty() ? "the text" : why.where) + " " + why.reason);
}

failure unreadable(std::string detail) {
  return {ec::unreadable, std::move(detail)};
}

struct document::impl {
  std::array<unsigned char, 4096> buffer;
  json::monotonic_resource memory{buffer.data(), buffer.size()};
  json::value root;
};

document::document(std::unique_ptr<impl> content) noexcept : content_(std::move(content)) {}
document::document(document&&) noexcept = default;
document& document::operator=(document&&) noexcept = default;
document::~document() = default;

result<document> document::parse(std::string_view text) {
  // Without value-initialisation: the buffer need not be zeroed.
  std::unique_ptr<impl> content{new impl};
  boost::system::error_code error;
  auto root = json::parse({text.data(), text.size()}, error, &content->memory);
  if (error)
    return unreadable("the text is not JSON: " + error.message());
  std::destroy_at(&content->root);
  std::construct_at(&content->root, std::move(root));
  return document{std::move(content)};
}

const json::value& document::root() const noexcept {
  return content_->root;
}

json::object* document::object() noexcept {
  return content_->root.if_object();
}

} // namespace codec

} // namespace waybill
