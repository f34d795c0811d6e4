#include "nodes/cluster/cluster_metrics.hpp"

#include "nodes/membership/membership_table.hpp"

#include <caf/actor_system.hpp>
#include <caf/telemetry/metric_registry.hpp>

#include <algorithm>
#include <set>
#include <string>

namespace waybill {

cluster_metrics::cluster_metrics(caf::actor_system& sys) {
  auto* family = sys.metrics().gauge_family("waybill", "cluster-nodes", {"state"},
                                            "Nodes of the cluster as this node sees them, by state.");
  for (const auto state : {node_state::joining, node_state::up, node_state::leaving, node_state::dead})
    nodes.emplace(state, family->get_or_add({{"state", std::string{state_name(state)}}}));
  suspected = family->get_or_add({{"state", "suspected"}});
  fenced = sys.metrics().counter_singleton("waybill", "fenced",
                                           "How often this node lost its lease and dropped what it held.", "1", true);
}

void cluster_metrics::count(const node_list& live, const std::vector<node_entry>& dead) const {
  std::map<node_state, std::int64_t> counts;
  std::set<std::string> unreachable;
  for (const auto& node : live.nodes) {
    ++counts[node.state];
    unreachable.insert(node.suspects.begin(), node.suspects.end());
  }
  counts[node_state::dead] = static_cast<std::int64_t>(dead.size());
  for (const auto& [state, gauge] : nodes)
    gauge->value(counts[state]);
  suspected->value(
    std::ranges::count_if(live.nodes, [&](const auto& node) { return unreachable.contains(node.node); }));
}

} // namespace waybill
