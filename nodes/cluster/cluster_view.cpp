#include "nodes/cluster/cluster_view.hpp"

#include "messages/cluster/ownership.hpp"

#include <caf/actor_addr.hpp>
#include <caf/actor_cast.hpp>

#include <algorithm>

namespace waybill {

namespace {

bool is_live(const node_entry& entry) {
  return entry.state != node_state::dead;
}

} // namespace

void cluster_view::set_nodes(std::vector<node_entry> nodes) {
  std::ranges::sort(nodes, {}, &node_entry::node);
  nodes_ = std::move(nodes);
}

void cluster_view::set_reachable(node_welcome welcome, caf::strong_actor_ptr actor) {
  auto name = welcome.node;
  links_.insert_or_assign(std::move(name), link{std::move(welcome), std::move(actor)});
}

std::string cluster_view::forget(const caf::actor_addr& address) {
  auto lost = std::ranges::find_if(links_, [&](const auto& entry) {
    return entry.second.actor && caf::actor_cast<caf::actor_addr>(entry.second.actor) == address;
  });
  if (lost == links_.end())
    return {};
  auto name = lost->first;
  links_.erase(lost);
  return name;
}

bool cluster_view::reachable(const std::string& node, std::uint64_t incarnation) const {
  const auto peer = links_.find(node);
  return peer != links_.end() && peer->second.welcome.incarnation == incarnation;
}

node_state cluster_view::state_of(const node_entry& entry) const {
  return entry.node == self_ && held_ && is_live(entry) ? *held_ : entry.state;
}

node_state cluster_view::own_state() const {
  const auto me = std::ranges::find(nodes_, self_, &node_entry::node);
  return me == nodes_.end() || !reachable(self_, me->incarnation) ? node_state::dead : state_of(*me);
}

std::vector<node_entry> cluster_view::to_connect() const {
  std::vector<node_entry> missing;
  for (const auto& entry : nodes_)
    if (is_live(entry) && self_ < entry.node && !reachable(entry.node, entry.incarnation))
      missing.push_back(entry);
  return missing;
}

std::vector<node_entry> cluster_view::unreachable() const {
  std::vector<node_entry> missing;
  for (const auto& entry : nodes_)
    if (entry.state == node_state::up && entry.node != self_ && !reachable(entry.node, entry.incarnation))
      missing.push_back(entry);
  return missing;
}

std::vector<const node_entry*> cluster_view::owners(role kind) const {
  return owners_of(kind, nodes_, [this](const node_entry& entry) { return state_of(entry); });
}

caf::strong_actor_ptr cluster_view::region_of(const node_entry& entry, role kind, role_part part) const {
  if (!reachable(entry.node, entry.incarnation))
    return nullptr;
  const auto& regions = links_.at(entry.node).welcome.regions;
  const auto held = std::ranges::find_if(
    regions, [&](const role_region& region) { return region.role == kind && region.part == part; });
  return held == regions.end() ? nullptr : held->region;
}

placement cluster_view::place(role kind, role_part part) const {
  placement result;
  if (own_state() == node_state::dead)
    return result;
  const auto chosen = owners(kind);
  for (const auto& entry : nodes_) {
    if (!is_live(entry))
      continue;
    auto region = region_of(entry, kind, part);
    if (std::ranges::find(chosen, &entry) != chosen.end())
      result.peers.push_back({entry.node, std::move(region)});
    else if (region)
      result.leaving.push_back({entry.node, std::move(region)});
  }
  return result;
}

node_list cluster_view::list() const {
  node_list result;
  for (auto entry : nodes_) {
    if (!is_live(entry))
      continue;
    entry.reachable = entry.node == self_ || reachable(entry.node, entry.incarnation);
    entry.state = state_of(entry);
    result.nodes.push_back(std::move(entry));
  }
  return result;
}

std::vector<node_entry> cluster_view::dead() const {
  std::vector<node_entry> result;
  std::ranges::copy_if(nodes_, std::back_inserter(result), [](const node_entry& entry) { return !is_live(entry); });
  return result;
}

std::vector<caf::strong_actor_ptr> cluster_view::links() const {
  std::vector<caf::strong_actor_ptr> result;
  for (const auto& entry : nodes_)
    if (is_live(entry) && entry.node != self_ && reachable(entry.node, entry.incarnation))
      result.push_back(links_.at(entry.node).actor);
  return result;
}

caf::strong_actor_ptr cluster_view::link_of(const std::string& node) const {
  for (const auto& entry : nodes_)
    if (entry.node == node && is_live(entry) && node != self_ && reachable(node, entry.incarnation))
      return links_.at(node).actor;
  return nullptr;
}

std::vector<role> cluster_view::roles_held_alone() const {
  std::vector<role> result;
  const auto me = std::ranges::find(nodes_, self_, &node_entry::node);
  if (me == nodes_.end())
    return result;
  for (const auto held : me->roles) {
    const auto all = owners(held);
    const bool shared = std::ranges::any_of(
      all, [&](const node_entry* entry) { return entry->node != self_ && reachable(entry->node, entry->incarnation); });
    if (!shared)
      result.push_back(held);
  }
  return result;
}

} // namespace waybill
