#pragma once

#include "messages/cluster/cluster.hpp"

#include <caf/fwd.hpp>
#include <caf/telemetry/counter.hpp>
#include <caf/telemetry/gauge.hpp>

#include <map>
#include <vector>

namespace waybill {

/// What a node counts of its cluster; every node counts for itself.
struct cluster_metrics {
  explicit cluster_metrics(caf::actor_system& sys);

  /// `waybill_cluster_nodes`, by state; `suspected` counts those that some live node cannot reach, whatever their
  /// state.
  void count(const node_list& live, const std::vector<node_entry>& dead) const;

  std::map<node_state, caf::telemetry::int_gauge*> nodes;
  caf::telemetry::int_gauge* suspected;
  /// `waybill_fenced_total`: how often this node lost its lease and had to drop what it held.
  caf::telemetry::int_counter* fenced;
};

} // namespace waybill
