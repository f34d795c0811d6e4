#include "messages/cluster/cluster_singleton.hpp"

#include "messages/cluster/placement.hpp"

#include <string>
#include <vector>

namespace waybill {

cluster_singleton::cluster_singleton(std::string_view name) : shard_(shard_of(name)) {}

bool cluster_singleton::replace(const placement& next) {
  if (next.epoch < placement_.epoch)
    return false;
  placement_ = next;
  std::vector<std::string> names;
  for (const auto& peer : placement_.peers)
    names.push_back(peer.node);
  owner_ = names.empty() ? nobody : owner_of(shard_, names);
  return true;
}

const region_peer* cluster_singleton::owner() const noexcept {
  return owner_ == nobody ? nullptr : &placement_.peers[owner_];
}

bool cluster_singleton::is_here() const noexcept {
  return !placement_.fenced && owner_ != nobody && owner()->node == placement_.self;
}

} // namespace waybill
