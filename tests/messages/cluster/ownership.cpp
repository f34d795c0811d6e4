#include "messages/cluster/ownership.hpp"

#include <algorithm>

#define CAF_SUITE messages.ownership
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;

SCENARIO("every role but that of gateways has its owners, in the order of the nodes, and perhaps none") {
  std::vector<node_entry> nodes(3);
  nodes[0].node = "a";
  nodes[0].roles = {role::gateway, role::order};
  nodes[1].node = "b";
  nodes[1].roles = {role::order};
  nodes[2].node = "c";
  nodes[2].roles = {role::order, role::payment};
  nodes[2].state = node_state::leaving;
  const auto all = owners_by_role(nodes);
  const auto of = [&](std::string_view name) { return std::ranges::find(all, name, &role_owners::role_name); };
  CHECK(of("gateway") == all.end());
  REQUIRE(of("order") != all.end());
  CHECK_EQ(of("order")->nodes, (std::vector<std::string>{"a", "b"}));
  REQUIRE(of("payment") != all.end());
  CHECK(of("payment")->nodes.empty());
}
