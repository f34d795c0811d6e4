#pragma once

#include "messages/cluster/cluster.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace waybill {

/// Where an actor lives of which the whole cluster has one: on the node that owns the shard of its name. A plain value.
class cluster_singleton {
public:
  explicit cluster_singleton(std::string_view name);

  /// Takes `next` over; false when it is older than the current placement.
  bool replace(const placement& next);

  /// The node of the actor; null while no node has the role. Valid until `replace`.
  [[nodiscard]] const region_peer* owner() const noexcept;
  /// Whether the actor lives on this node.
  [[nodiscard]] bool is_here() const noexcept;
  [[nodiscard]] std::uint16_t shard() const noexcept { return shard_; }

private:
  static constexpr std::size_t nobody = static_cast<std::size_t>(-1);

  std::uint16_t shard_;
  placement placement_;
  std::size_t owner_ = nobody;
};

} // namespace waybill
