#include "actors/entity/routing/shard_map.hpp"

#include <string>

namespace waybill {

bool shard_map::replace(const placement& next, timestamp now, std::vector<std::uint16_t>& gained) {
  // As long as an orderly shutdown takes, which is longer than any lease.
  constexpr milliseconds former_owner_writes{20'000};
  if (next.epoch < placement_.epoch)
    return false;
  std::vector<std::string> names;
  for (const auto& peer : next.peers)
    names.push_back(peer.node);
  for (std::uint16_t shard = 0; shard < shard_count; ++shard) {
    const auto* former = owner(shard);
    const bool was_of_another = former != nullptr && former->node != next.self;
    owners_[shard] = names.empty() ? nobody : owner_of(shard, names);
    const bool ours = !names.empty() && names[owners_[shard]] == next.self;
    if (ours && !owned_[shard])
      gained.push_back(shard);
    if (ours && was_of_another)
      sole_owner_from_[shard] = now + former_owner_writes;
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
