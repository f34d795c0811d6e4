#include "doors/rpc/xml_rpc.hpp"

#include "domain/base/number.hpp"
#include "domain/text/trim.hpp"
#include "doors/rpc/xml_tree.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

namespace waybill::rpc {

namespace json = boost::json;

namespace {

using maybe_value = std::variant<json::value, fault>;

maybe_value read_value(const xml_element& from);

constexpr std::string_view blanks = " \t\r\n";

bool is_blank(std::string_view text) {
  return text.find_first_not_of(blanks) == std::string_view::npos;
}

fault unexpected(std::string_view where) {
  return invalid_request("something is missing, or out of place, in <" + std::string{where.substr(0, 40)} + ">");
}

maybe_value read_integer(const xml_element& from) {
  auto text = trim(from.text, blanks);
  if (text.starts_with('+'))
    text.remove_prefix(1);
  if (const auto number = parse_number<std::int64_t>(text))
    return json::value(*number);
  return invalid_request("an integer is not valid");
}

maybe_value read_double(const xml_element& from) {
  const auto number = parse_number<double>(trim(from.text, blanks));
  if (!number || !std::isfinite(*number))
    return invalid_request("a double is not valid");
  return json::value(*number);
}

maybe_value read_boolean(const xml_element& from) {
  const auto text = trim(from.text, blanks);
  if (text != "0" && text != "1")
    return invalid_request("a boolean is 0 or 1");
  return json::value(text == "1");
}

maybe_value read_array(const xml_element& from) {
  if (from.children.size() != 1 || from.children[0].name != "data" || !is_blank(from.text)
      || !is_blank(from.children[0].text))
    return unexpected("array");
  json::array items;
  for (const auto& child : from.children[0].children) {
    auto item = read_value(child);
    if (auto* wrong = std::get_if<fault>(&item))
      return std::move(*wrong);
    items.push_back(std::move(std::get<json::value>(item)));
  }
  return json::value(std::move(items));
}

maybe_value read_struct(const xml_element& from) {
  json::object members;
  for (const auto& member : from.children) {
    const auto& parts = member.children;
    if (member.name != "member" || parts.size() != 2 || parts[0].name != "name" || !parts[0].children.empty())
      return unexpected("struct");
    auto value = read_value(parts[1]);
    if (auto* wrong = std::get_if<fault>(&value))
      return std::move(*wrong);
    if (!members.emplace(parts[0].text, std::move(std::get<json::value>(value))).second)
      return invalid_request("a struct has a member twice");
  }
  return json::value(std::move(members));
}

maybe_value read_typed(const xml_element& from) {
  const auto& type = from.name;
  if (type == "array")
    return read_array(from);
  if (type == "struct")
    return is_blank(from.text) ? read_struct(from) : unexpected("struct");
  if (!from.children.empty())
    return unexpected(type);
  if (type == "string")
    return json::value(from.text);
  if (type == "int" || type == "i4" || type == "i8")
    return read_integer(from);
  if (type == "boolean")
    return read_boolean(from);
  if (type == "double")
    return read_double(from);
  if (type == "nil")
    return json::value(nullptr);
  return invalid_parameters("no method takes a value of the type '" + type.substr(0, 40) + "'");
}

/// A value without a type is a string.
maybe_value read_value(const xml_element& from) {
  if (from.name != "value" || from.children.size() > 1)
    return unexpected(from.name);
  if (from.children.empty())
    return json::value(from.text);
  if (!is_blank(from.text))
    return unexpected("value");
  return read_typed(from.children[0]);
}

std::variant<json::array, fault> read_parameters(const xml_element& from) {
  json::array parameters;
  for (const auto& parameter : from.children) {
    if (parameter.name != "param" || parameter.children.size() != 1)
      return unexpected("params");
    auto value = read_value(parameter.children[0]);
    if (auto* wrong = std::get_if<fault>(&value))
      return std::move(*wrong);
    parameters.push_back(std::move(std::get<json::value>(value)));
  }
  return parameters;
}

// -- writing ----------------------------------------------------------------------------------------------------------

void write_value(std::string& out, const json::value& value);

void write_number(std::string& out, std::int64_t number) {
  const bool is_small =
    number >= std::numeric_limits<std::int32_t>::min() && number <= std::numeric_limits<std::int32_t>::max();
  const std::string_view type = is_small ? "int" : "i8";
  ((((out += '<') += type) += '>') += std::to_string(number)) += "</";
  (out += type) += '>';
}

void write_array(std::string& out, const json::array& items) {
  out += "<array><data>";
  for (const auto& item : items)
    write_value(out, item);
  out += "</data></array>";
}

void write_struct(std::string& out, const json::object& members) {
  out += "<struct>";
  for (const auto& [name, value] : members) {
    out += "<member><name>";
    append_xml_text(out, name);
    out += "</name>";
    write_value(out, value);
    out += "</member>";
  }
  out += "</struct>";
}

void write_double(std::string& out, double number) {
  std::array<char, 400> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed).ptr;
  ((out += "<double>").append(text.data(), end)) += "</double>";
}

void write_value(std::string& out, const json::value& value) {
  out += "<value>";
  switch (value.kind()) {
    case json::kind::null: out += "<nil/>"; break;
    case json::kind::bool_: out += value.get_bool() ? "<boolean>1</boolean>" : "<boolean>0</boolean>"; break;
    case json::kind::int64: write_number(out, value.get_int64()); break;
    case json::kind::uint64: write_number(out, static_cast<std::int64_t>(value.get_uint64())); break;
    case json::kind::double_: write_double(out, value.get_double()); break;
    case json::kind::string:
      out += "<string>";
      append_xml_text(out, value.get_string());
      out += "</string>";
      break;
    case json::kind::array: write_array(out, value.get_array()); break;
    case json::kind::object: write_struct(out, value.get_object()); break;
  }
  out += "</value>";
}

} // namespace

std::variant<call, fault> read_xml_call(std::string_view text) {
  const auto root = read_xml(text);
  if (!root)
    return fault{fault_code::parse_error, "parse_error", root.error().detail};
  const auto& parts = root->children;
  if (root->name != "methodCall" || parts.empty() || parts.size() > 2 || parts[0].name != "methodName"
      || !parts[0].children.empty())
    return invalid_request("it is no methodCall with a methodName");
  call read{std::string{trim(parts[0].text, blanks)}, json::array{}};
  if (parts.size() == 2) {
    if (parts[1].name != "params")
      return unexpected("methodCall");
    auto parameters = read_parameters(parts[1]);
    if (auto* wrong = std::get_if<fault>(&parameters))
      return std::move(*wrong);
    read.parameters = std::move(std::get<json::array>(parameters));
  }
  return read;
}

std::string write_xml_response(const outcome& result) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<methodResponse>";
  if (const auto* failed = std::get_if<fault>(&result)) {
    out += "<fault>";
    write_value(out, json::object{{"faultCode", static_cast<int>(failed->code)},
                                  {"faultString", failed->word + ": " + failed->detail}});
    out += "</fault>";
  } else {
    out += "<params><param>";
    write_value(out, std::get<json::value>(result));
    out += "</param></params>";
  }
  return out += "</methodResponse>\n";
}

} // namespace waybill::rpc
