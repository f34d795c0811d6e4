#include "messages/cluster/cluster_singleton.hpp"

#include <string>
#include <vector>

#define CAF_SUITE messages.cluster_singleton
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;

namespace {

placement placed(std::uint64_t epoch, const std::string& self, const std::vector<std::string>& nodes,
                 bool fenced = false) {
  placement next{epoch, self, {}, {}, fenced};
  for (const auto& node : nodes)
    next.peers.push_back({node, nullptr});
  return next;
}

} // namespace

SCENARIO("all nodes agree on the node of a singleton") {
  const std::vector<std::string> nodes{"a", "b", "c"};
  int here = 0;
  for (const auto& self : nodes) {
    cluster_singleton singleton{"audit"};
    CHECK(singleton.replace(placed(1, self, nodes)));
    CAF_REQUIRE(singleton.owner() != nullptr);
    CHECK_EQ(singleton.is_here(), singleton.owner()->node == self);
    here += singleton.is_here() ? 1 : 0;
  }
  CHECK_EQ(here, 1);
}

SCENARIO("a singleton runs nowhere while no node has its role") {
  cluster_singleton singleton{"audit"};
  CHECK(singleton.owner() == nullptr);
  CHECK(!singleton.is_here());
  CHECK(singleton.replace(placed(1, "a", {})));
  CHECK(singleton.owner() == nullptr);
  CHECK(!singleton.is_here());
}

SCENARIO("a singleton moves when its node leaves, and a late placement changes nothing") {
  cluster_singleton singleton{"audit"};
  CHECK(singleton.replace(placed(2, "a", {"a"})));
  CHECK(singleton.is_here());
  CHECK(singleton.replace(placed(3, "a", {"b"})));
  CHECK(!singleton.is_here());
  CHECK_EQ(singleton.owner()->node, "b");
  CHECK(!singleton.replace(placed(2, "a", {"a"})));
  CHECK_EQ(singleton.owner()->node, "b");
  CHECK(singleton.replace(placed(3, "a", {"a"})));
  CHECK(singleton.is_here());
}

SCENARIO("a singleton does not run on a node that lost its lease") {
  cluster_singleton singleton{"audit"};
  CHECK(singleton.replace(placed(1, "a", {"a"}, true)));
  CHECK(!singleton.is_here());
}
