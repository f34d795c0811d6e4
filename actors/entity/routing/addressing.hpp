#pragma once

#include "messages/actors.hpp"

#include <string>
#include <type_traits>

namespace waybill {

/// The id of the entity that a command is for.
template <class Command>
const std::string& key_of(const Command& x) {
  if constexpr (std::is_same_v<Command, resume_entity> || std::is_same_v<Command, describe_entity>)
    return x.id;
  else if constexpr (std::is_same_v<Command, create_product>)
    return x.create.product.value;
  else if constexpr (std::is_same_v<Command, add_courier>)
    return x.add.courier.value;
  else if constexpr (requires { x.id.value; })
    return x.id.value;
  else if constexpr (requires { x.product.value; })
    return x.product.value;
  else
    return x.order.value;
}

/// For a command of another node, which may have sent it before, to a node that has died: its id may have been used.
template <class Command>
void doubt_new_id(Command& command) {
  if constexpr (requires { command.is_new; })
    command.is_new = false;
}

/// Whether carrying `command` out twice is the same as once: most commands have an id of their own, or ask for a
/// state that holds already after the first time.
template <class Command>
bool is_repeatable(const Command& command) {
  if constexpr (std::is_same_v<Command, adjust_stock>)
    return false;
  else if constexpr (std::is_same_v<Command, adjust_stock_once>)
    // The version counts for the first one only.
    return true;
  else if constexpr (std::is_same_v<Command, change_user>)
    // The second time the password is not the current one any more.
    return command.expected_version == 0 && !command.password;
  else if constexpr (requires { command.expected_version; })
    return command.expected_version == 0;
  else
    return true;
}

} // namespace waybill
