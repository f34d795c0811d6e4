#include "messages/cluster/ownership.hpp"

#include <boost/describe/enumerators.hpp>
#include <boost/mp11/algorithm.hpp>

#include <algorithm>

namespace waybill {

namespace {

bool is_live(const node_entry& entry) {
  return entry.state != node_state::dead;
}

bool does_suspect(const node_entry& node, const node_entry& other) {
  return std::ranges::find(node.suspects, other.node) != node.suspects.end();
}

/// How many nodes cannot reach it.
std::size_t reports_of(const node_entry& node, std::span<const node_entry> nodes) {
  return static_cast<std::size_t>(std::ranges::count_if(nodes, [&](const node_entry& entry) {
    return is_live(entry) && entry.state != node_state::joining && entry.node != node.node && does_suspect(entry, node);
  }));
}

} // namespace

std::vector<const node_entry*> owners_of(role kind, std::span<const node_entry> nodes, const acting_state& state_of) {
  std::vector<const node_entry*> candidates;
  for (const auto& entry : nodes)
    if (is_live(entry) && state_of(entry) == node_state::up
        && std::ranges::find(entry.roles, kind) != entry.roles.end())
      candidates.push_back(&entry);
  std::size_t fewest = nodes.size();
  for (const auto* entry : candidates)
    fewest = std::min(fewest, reports_of(*entry, nodes));
  std::vector<const node_entry*> chosen;
  for (const auto* entry : candidates) {
    const bool apart = std::ranges::any_of(
      chosen, [&](const node_entry* other) { return does_suspect(*entry, *other) || does_suspect(*other, *entry); });
    if (!apart && reports_of(*entry, nodes) == fewest)
      chosen.push_back(entry);
  }
  return chosen;
}

std::vector<role_owners> owners_by_role(std::span<const node_entry> nodes) {
  std::vector<role_owners> all;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<role>>([&](auto held) {
    if (held.value == role::gateway)
      return;
    role_owners owners{held.name, {}};
    for (const auto* node : owners_of(held.value, nodes, [](const node_entry& entry) { return entry.state; }))
      owners.nodes.push_back(node->node);
    all.push_back(std::move(owners));
  });
  return all;
}

} // namespace waybill
