#include "nodes/cluster/cluster_metrics.hpp"

#include "messages/cluster/placement.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/telemetry/metric_registry.hpp>

#define CAF_SUITE nodes.cluster_metrics
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;

namespace {

node_entry up(std::string name, std::vector<role> roles) {
  node_entry entry;
  entry.node = std::move(name);
  entry.incarnation = 1;
  entry.roles = std::move(roles);
  return entry;
}

cluster_view seen_by(const std::string& self, std::vector<node_entry> nodes) {
  cluster_view view{self};
  for (const auto& node : nodes)
    view.set_reachable({node.node, node.incarnation, {}}, nullptr);
  view.set_nodes(std::move(nodes));
  return view;
}

struct fixture {
  std::int64_t shards_of(const cluster_view& view, const std::string& self, role held) {
    metrics.count_shards(view, self);
    return metrics.shards.at(held)->value();
  }

  caf::actor_system_config config;
  caf::actor_system sys{config};
  cluster_metrics metrics{sys};
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("each node counts the shards that it owns of each of its roles") {
  const std::vector<node_entry> nodes{up("a", {role::order, role::payment}), up("b", {role::order})};
  const auto of_a = shards_of(seen_by("a", nodes), "a", role::order);
  const auto of_b = shards_of(seen_by("b", nodes), "b", role::order);
  CHECK(of_a > 0);
  CHECK(of_b > 0);
  CHECK_EQ(of_a + of_b, shard_count);
  CHECK_EQ(shards_of(seen_by("a", nodes), "a", role::payment), shard_count);
  CHECK_EQ(shards_of(seen_by("b", nodes), "b", role::payment), 0);
  CHECK_EQ(shards_of(seen_by("b", nodes), "b", role::delivery), 0);
}

SCENARIO("a node that needs no lease has no lease margin") {
  const auto has_margin = [this] {
    bool is_exported = false;
    auto look = [&](const caf::telemetry::metric_family* family, const auto*, const auto*) {
      is_exported = is_exported || family->name() == "cluster-lease-margin";
    };
    sys.metrics().collect(look);
    return is_exported;
  };
  CHECK(!has_margin());
  metrics.tell_lease_margin(2.5);
  CHECK(has_margin());
}

SCENARIO("troubles are reported in words: a dead node, an unreachable one, a role without a node") {
  auto all = up("a", {role::gateway, role::order, role::payment, role::inventory, role::delivery, role::notification});
  auto other = up("b", {role::account});
  CHECK_EQ(trouble_with({{all, other}}, {}), "");
  all.suspects = {"b"};
  CHECK_EQ(trouble_with({{all, other}}, {}), "node a cannot reach node b");
  all.suspects.clear();
  CHECK_EQ(trouble_with({{all}}, {other}), "node b is dead: its lease ran out; no node has the role account");
}

END_FIXTURE_SCOPE()
