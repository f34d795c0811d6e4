#pragma once

#include "messages/common.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace waybill {

/// A kind of entity that can be listed and inspected, with the name that people use for it: `inspect order/ord_1`.
struct entity_type {
  entity_kind kind;
  std::string_view name;
};

/// All of them, in the order in which they are shown to people. A new kind is registered here and in
/// nodes/wiring/node_actors.cpp (`node_actors::regions`).
inline constexpr std::array<entity_type, 10> entity_types{{
  {entity_kind::order, "order"},
  {entity_kind::product, "product"},
  {entity_kind::payment, "payment"},
  {entity_kind::delivery, "delivery"},
  {entity_kind::courier, "courier"},
  {entity_kind::user, "user"},
  {entity_kind::webhook, "webhook"},
  {entity_kind::bulk_action, "bulk_action"},
  {entity_kind::function, "function"},
  {entity_kind::sink, "sink"},
}};

/// Empty for a kind that is not among them.
constexpr std::string_view type_name_of(entity_kind kind) {
  const auto* const type = std::ranges::find(entity_types, kind, &entity_type::kind);
  return type == entity_types.end() ? std::string_view{} : type->name;
}

} // namespace waybill
