#include "messages/cluster/placement.hpp"

#include <map>
#include <vector>

#define CAF_SUITE messages.placement
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;

SCENARIO("an order and its payment share a shard") {
  CHECK_EQ(shard_of("ord_01jd0000000000000000"), shard_of("pay_01jd0000000000000000"));
}

SCENARIO("every node gets a fair part of the shards") {
  const std::vector<std::string> nodes{"a", "b", "c", "d"};
  std::map<std::size_t, int> owned;
  for (std::uint16_t shard = 0; shard < shard_count; ++shard)
    ++owned[owner_of(shard, nodes)];
  CHECK_EQ(owned.size(), nodes.size());
  for (auto& [node, shards] : owned)
    CHECK(shards > 180 && shards < 340);
}

SCENARIO("a node that leaves moves only its own shards") {
  const std::vector<std::string> before{"a", "b", "c"};
  const std::vector<std::string> after{"c", "a"};
  for (std::uint16_t shard = 0; shard < shard_count; ++shard) {
    const auto& owner = before[owner_of(shard, before)];
    if (owner != "b")
      CHECK_EQ(after[owner_of(shard, after)], owner);
  }
}
