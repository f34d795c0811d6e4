#include "actors/entity/shard_map.hpp"

#include <string>

namespace waybill {

bool shard_map::replace(const placement& next, std::vector<std::uint16_t>& gained) {
  if (next.epoch < placement_.epoch)
    return false;
  std::vector<std::string> names;
  for (const auto& peer : next.peers)
    names.push_back(peer.node);
  for (std::uint16_t shard = 0; shard < shard_count; ++shard) {
    owners_[shard] = names.empty() ? nobody : owner_of(shard, names);
    const bool ours = !names.empty() && names[owners_[shard]] == next.self;
    if (ours && !owned_[shard])
      gained.push_back(shard);
    owned_[shard] = ours;
  }
  placement_ = next;
  return true;
}

const region_peer* shard_map::owner(std::uint16_t shard) const noexcept {
  const auto index = owners_[shard];
  return index == nobody ? nullptr : &placement_.peers[index];
}

std::vector<std::uint16_t> shard_map::owned() const {
  std::vector<std::uint16_t> shards;
  for (std::uint16_t shard = 0; shard < shard_count; ++shard)
    if (owned_[shard])
      shards.push_back(shard);
  return shards;
}

} // namespace waybill
