#pragma once

#include "messages/cluster/cluster.hpp"
#include "nodes/cluster/cluster_view.hpp"

#include <caf/fwd.hpp>
#include <caf/telemetry/counter.hpp>
#include <caf/telemetry/gauge.hpp>

#include <map>
#include <string>
#include <vector>

namespace waybill {

/// What a node counts of its cluster; every node counts for itself.
struct cluster_metrics {
  explicit cluster_metrics(caf::actor_system& sys);

  /// `waybill_cluster_nodes`, by state; `suspected` counts those that some live node cannot reach, whatever their
  /// state.
  void count(const node_list& live, const std::vector<node_entry>& dead) const;

  /// `waybill_cluster_shards`, by role: how many this node owns.
  void count_shards(const cluster_view& view, const std::string& self) const;

  /// `waybill_cluster_lease_margin_seconds`: what was left of the lease when it was renewed last. A node that needs no
  /// lease does not have it.
  void tell_lease_margin(double seconds) const;

  std::map<node_state, caf::telemetry::int_gauge*> nodes;
  std::map<role, caf::telemetry::int_gauge*> shards;
  caf::telemetry::int_gauge* suspected;
  /// `waybill_fenced_total`: how often this node lost its lease and had to drop what it held.
  caf::telemetry::int_counter* fenced;

private:
  caf::telemetry::metric_registry& registry_;
};

/// What is wrong with the nodes, for operators: those whose lease ran out, those that others cannot reach, roles that
/// no live node has. Empty when nothing is.
std::string trouble_with(const node_list& live, const std::vector<node_entry>& dead);

} // namespace waybill
