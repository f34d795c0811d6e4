#pragma once

#include "messages/cluster/cluster.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The words for roles in options, tables and logs.
namespace waybill {

/// `order,payment` and back. Reading leaves out words that it does not know.
std::string roles_to_text(const std::vector<role>& roles);
std::vector<role> roles_from_text(std::string_view text);

/// The word of a role, and the role of a word; nothing when there is none.
std::string_view role_name(role named);
std::optional<role> role_of(std::string_view name);

} // namespace waybill
