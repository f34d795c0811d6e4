#include "domain/diagnosis/difference.hpp"

#include "domain/json/codec.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>

namespace waybill::diagnosis {

namespace {

namespace json = boost::json;

std::string text_of(const json::value* value) {
  return value == nullptr ? std::string{} : json::serialize(*value);
}

/// RFC 6901, section 3.
std::string escaped(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c == '~')
      text += "~0";
    else if (c == '/')
      text += "~1";
    else
      text += c;
  }
  return text;
}

void compare(const json::value* before, const json::value* after, const std::string& pointer,
             std::vector<difference>& to);

void compare_members(const json::object& before, const json::object& after, const std::string& pointer,
                     std::vector<difference>& to) {
  for (const auto& [name, value] : before)
    compare(&value, after.if_contains(name), pointer + '/' + escaped(name), to);
  for (const auto& [name, value] : after)
    if (!before.contains(name))
      compare(nullptr, &value, pointer + '/' + escaped(name), to);
}

void compare_elements(const json::array& before, const json::array& after, const std::string& pointer,
                      std::vector<difference>& to) {
  for (std::size_t i = 0; i < std::max(before.size(), after.size()); ++i)
    compare(before.if_contains(i), after.if_contains(i), pointer + '/' + std::to_string(i), to);
}

void compare(const json::value* before, const json::value* after, const std::string& pointer,
             std::vector<difference>& to) {
  if (before != nullptr && after != nullptr) {
    if (*before == *after)
      return;
    if (before->is_object() && after->is_object())
      return compare_members(before->get_object(), after->get_object(), pointer, to);
    if (before->is_array() && after->is_array())
      return compare_elements(before->get_array(), after->get_array(), pointer, to);
  }
  to.push_back({pointer, text_of(before), text_of(after)});
}

} // namespace

result<std::vector<difference>> differences_between(std::string_view before, std::string_view after) {
  const auto first = codec::document::parse(before);
  if (first.has_error())
    return first.error();
  const auto second = codec::document::parse(after);
  if (second.has_error())
    return second.error();
  std::vector<difference> all;
  compare(&first->root(), &second->root(), "", all);
  return all;
}

} // namespace waybill::diagnosis
