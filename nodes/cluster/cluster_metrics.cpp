#include "nodes/cluster/cluster_metrics.hpp"

#include "messages/cluster/placement.hpp"
#include "nodes/membership/membership_table.hpp"

#include <boost/describe/enumerators.hpp>
#include <boost/mp11/algorithm.hpp>

#include <caf/actor_system.hpp>
#include <caf/telemetry/metric_registry.hpp>

#include <algorithm>
#include <set>
#include <string>

namespace waybill {

cluster_metrics::cluster_metrics(caf::actor_system& sys) : registry_(sys.metrics()) {
  auto* family = sys.metrics().gauge_family("waybill", "cluster-nodes", {"state"},
                                            "Nodes of the cluster as this node sees them, by state.");
  for (const auto state : {node_state::joining, node_state::up, node_state::leaving, node_state::dead})
    nodes.emplace(state, family->get_or_add({{"state", std::string{state_name(state)}}}));
  suspected = family->get_or_add({{"state", "suspected"}});
  auto* owned =
    sys.metrics().gauge_family("waybill", "cluster-shards", {"role"}, "Shards that this node owns, by role.");
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<role>>([&](auto held) {
    // Gateways own nothing.
    if (held.value != role::gateway)
      shards.emplace(held.value, owned->get_or_add({{"role", held.name}}));
  });
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

void cluster_metrics::tell_lease_margin(double seconds) const {
  registry_
    .gauge_singleton<double>("waybill", "cluster-lease-margin",
                             "What was left of the lease of this node when it was renewed last.", "seconds")
    ->value(seconds);
}

void cluster_metrics::count_shards(const cluster_view& view, const std::string& self) const {
  for (const auto& [held, gauge] : shards) {
    std::vector<std::string> owners;
    for (const auto& peer : view.place(held).peers)
      owners.push_back(peer.node);
    std::int64_t count = 0;
    for (std::uint16_t shard = 0; shard < shard_count && !owners.empty(); ++shard)
      count += owners[owner_of(shard, owners)] == self ? 1 : 0;
    gauge->value(count);
  }
}

std::string trouble_with(const node_list& live, const std::vector<node_entry>& dead) {
  std::string text;
  const auto add = [&text](const std::string& sentence) { text += (text.empty() ? "" : "; ") + sentence; };
  for (const auto& node : live.nodes)
    for (const auto& suspect : node.suspects)
      add("node " + node.node + " cannot reach node " + suspect);
  for (const auto& node : dead)
    add("node " + node.node + " is dead: its lease ran out");
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<role>>([&](auto held) {
    const bool has_owner = std::ranges::any_of(
      live.nodes, [&](const auto& node) { return std::ranges::find(node.roles, held.value) != node.roles.end(); });
    // A cluster does without functions unless somebody calls one, and without a relay unless somebody makes a sink.
    if (!has_owner && !live.nodes.empty() && held.value != role::function && held.value != role::relay)
      add("no node has the role " + std::string{held.name});
  });
  return text;
}

} // namespace waybill
