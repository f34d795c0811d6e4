#pragma once

#include "nodes/cluster/cluster.hpp"
#include "nodes/cluster/cluster_view.hpp"

#include <cstdint>
#include <map>
#include <utility>

namespace waybill {

/// The placements that the local sinks were told: part of the state of the cluster actor, lives and dies with it.
class placements {
public:
  placements(const cluster_settings& settings, const cluster_view& view) : settings_(settings), view_(view) {}

  /// Tells every sink the placement of its kind if that has changed. `fenced`: this node may not serve now, so that
  /// each placement is empty and says so. Whether any has changed.
  bool publish(bool fenced);

private:
  using kind = std::pair<role, role_part>;

  const cluster_settings& settings_;
  const cluster_view& view_;
  std::map<kind, placement> published_;
  std::uint64_t epoch_ = 0;
};

} // namespace waybill
