#include "nodes/cluster/suspects.hpp"

#define CAF_SUITE nodes.suspects
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace std::chrono_literals;

namespace {

std::vector<node_entry> nodes(const std::vector<std::string>& names) {
  std::vector<node_entry> all;
  for (const auto& name : names)
    all.emplace_back().node = name;
  return all;
}

const suspects::time_point start{};

} // namespace

SCENARIO("a node that stays unreachable is suspected once, after the time-out") {
  suspects table{1s};
  const auto lost = table.review(nodes({"b"}), true, start);
  CHECK(lost.again);
  CHECK(!lost.changed);
  const auto waiting = table.review(nodes({"b"}), true, start + 900ms);
  CHECK(!waiting.again);
  CHECK(waiting.added.empty());
  const auto late = table.review(nodes({"b"}), true, start + 1s);
  CHECK(late.changed);
  REQUIRE_EQ(late.added.size(), 1u);
  CHECK_EQ(late.added.front().node, "b");
  const auto later = table.review(nodes({"b"}), true, start + 2s);
  CHECK(later.added.empty());
  CHECK(!later.changed);
  CHECK_EQ(table.names(), std::set<std::string>{"b"});
}

SCENARIO("a node that is reached again is no longer suspected, and its time begins anew") {
  suspects table{1s};
  table.review(nodes({"b"}), true, start);
  table.review(nodes({"b"}), true, start + 1s);
  CHECK(table.review({}, true, start + 2s).changed);
  CHECK(table.names().empty());
  CHECK(table.review(nodes({"b"}), true, start + 3s).again);
  CHECK(table.names().empty());
}

SCENARIO("a node that is not up suspects no other") {
  suspects table{1s};
  table.review(nodes({"b"}), false, start);
  CHECK(table.review(nodes({"b"}), false, start + 1s).added.empty());
  CHECK_EQ(table.review(nodes({"b"}), true, start + 2s).added.size(), 1u);
}
