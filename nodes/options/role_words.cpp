#include "nodes/options/role_words.hpp"

#include <boost/describe/enum_from_string.hpp>
#include <boost/describe/enum_to_string.hpp>

#include <algorithm>

namespace waybill {

std::string roles_to_text(const std::vector<role>& roles) {
  std::string text;
  for (const auto named : roles) {
    if (!text.empty())
      text += ',';
    text += role_name(named);
  }
  return text;
}

std::vector<role> roles_from_text(std::string_view text) {
  std::vector<role> roles;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto comma = std::min(text.find(',', begin), text.size());
    if (const auto known = role_of(text.substr(begin, comma - begin)))
      roles.push_back(*known);
    begin = comma + 1;
  }
  return roles;
}

std::string_view role_name(role named) {
  return boost::describe::enum_to_string(named, "unknown");
}

std::optional<role> role_of(std::string_view name) {
  role named{};
  if (!boost::describe::enum_from_string(std::string{name}.c_str(), named))
    return std::nullopt;
  return named;
}

} // namespace waybill
