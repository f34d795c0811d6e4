#include "shell/views/json_values.hpp"

#include "messages/entity_types.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace waybill::shell {

namespace json = boost::json;

json::value with_api_names(json::value state) {
  if (auto* array = state.if_array()) {
    for (auto& part : *array)
      part = with_api_names(std::move(part));
    return state;
  }
  auto* object = state.if_object();
  if (object == nullptr)
    return state;
  json::object renamed{object->storage()};
  for (auto& [key, part] : *object) {
    std::string name{key};
    const bool names_entity =
      name == "customer" || std::ranges::find(entity_types, name, &entity_type::name) != entity_types.end();
    if (names_entity && part.is_string())
      name += "_id";
    renamed.emplace(name, with_api_names(std::move(part)));
  }
  return renamed;
}

void pretty(std::string& out, const json::value& value, std::size_t depth) {
  const auto indent = std::string(2 * depth, ' ');
  const char* separator = "\n";
  if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
    out += '{';
    for (const auto& [key, part] : *object) {
      out += separator + indent + "  " + json::serialize(json::value(key)) + ": ";
      pretty(out, part, depth + 1);
      separator = ",\n";
    }
    out += '\n' + indent + '}';
  } else if (const auto* array = value.if_array(); array != nullptr && !array->empty()) {
    out += '[';
    for (const auto& part : *array) {
      out += separator + indent + "  ";
      pretty(out, part, depth + 1);
      separator = ",\n";
    }
    out += '\n' + indent + ']';
  } else {
    out += json::serialize(value);
  }
}

} // namespace waybill::shell
