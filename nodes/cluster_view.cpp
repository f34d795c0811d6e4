#include "nodes/cluster_view.hpp"

#include <algorithm>

namespace waybill {

void cluster_view::set_live(std::vector<node_entry> live) {
  std::ranges::sort(live, {}, &node_entry::node);
  live_ = std::move(live);
}

void cluster_view::set_reachable(node_welcome welcome, caf::actor_addr address) {
  auto name = welcome.node;
  links_.insert_or_assign(std::move(name), link{std::move(welcome), std::move(address)});
}

std::string cluster_view::forget(const caf::actor_addr& address) {
  auto found = std::ranges::find_if(links_, [&](const auto& entry) { return entry.second.address == address; });
  if (found == links_.end())
    return {};
  auto name = found->first;
  links_.erase(found);
  return name;
}

bool cluster_view::reachable(const std::string& node, std::uint64_t incarnation) const {
  auto found = links_.find(node);
  return found != links_.end() && found->second.welcome.incarnation == incarnation;
}

std::vector<node_entry> cluster_view::to_connect() const {
  std::vector<node_entry> missing;
  for (const auto& entry : live_)
    if (self_ < entry.node && !reachable(entry.node, entry.incarnation))
      missing.push_back(entry);
  return missing;
}

std::vector<region_peer> cluster_view::peers(role wanted) const {
  std::vector<region_peer> found;
  if (std::ranges::find(live_, self_, &node_entry::node) == live_.end())
    return found;
  for (const auto& entry : live_) {
    auto known = links_.find(entry.node);
    if (known == links_.end() || known->second.welcome.incarnation != entry.incarnation)
      continue;
    for (const auto& candidate : known->second.welcome.regions)
      if (candidate.role == wanted && candidate.region)
        found.push_back({entry.node, candidate.region});
  }
  return found;
}

node_list cluster_view::list() const {
  node_list result{live_};
  for (auto& entry : result.nodes)
    entry.reachable = entry.node == self_ || reachable(entry.node, entry.incarnation);
  return result;
}

} // namespace waybill
