#pragma once

#include "domain/base/time.hpp"
#include "messages/cluster/cluster.hpp"
#include "messages/cluster/placement.hpp"

#include <array>
#include <bitset>
#include <cstdint>
#include <vector>

namespace waybill {

/// The owner of each shard of one role, by the newest placement. A plain value.
class shard_map {
public:
  shard_map() { owners_.fill(nobody); }

  /// Takes `next` over and returns the shards that this node did not own before; false when it is older than what
  /// holds.
  bool replace(const placement& next, timestamp now, std::vector<std::uint16_t>& gained);

  [[nodiscard]] const placement& current() const noexcept { return placement_; }
  /// Null when no node owns it.
  [[nodiscard]] const region_peer* owner(std::uint16_t shard) const noexcept;
  [[nodiscard]] bool owns(std::uint16_t shard) const noexcept { return owned_[shard]; }
  [[nodiscard]] std::vector<std::uint16_t> owned() const;
  /// Until then the node that owned `shard` before may write to the streams in it: it has not heard of the change, or
  /// finishes what it had begun. Long past when no other node owned it.
  [[nodiscard]] timestamp sole_owner_from(std::uint16_t shard) const noexcept { return sole_owner_from_[shard]; }

private:
  static constexpr std::size_t nobody = static_cast<std::size_t>(-1);

  placement placement_;
  std::array<std::size_t, shard_count> owners_{};
  std::bitset<shard_count> owned_;
  std::array<timestamp, shard_count> sole_owner_from_{};
};

} // namespace waybill
