#include "shell/views/system_views.hpp"

#include "messages/cluster/placement.hpp"

#include <boost/json/parse.hpp>

#define CAF_SUITE shell.system_views
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::shell;
using namespace std::chrono_literals;

namespace {

node_entry node(std::string name, std::vector<role> roles) {
  node_entry entry;
  entry.node = std::move(name);
  entry.roles = std::move(roles);
  entry.lease_until = timestamp::max();
  return entry;
}

node_list two_nodes() {
  return {{node("a", {role::order, role::payment}), node("b", {role::order})}};
}

std::int64_t shards_of(const boost::json::value& json, std::string_view role, std::string_view node) {
  for (const auto& row : json.at("shards").as_array())
    if (row.at("role").as_string() == role
        && (row.at("node").is_null() ? node.empty() : row.at("node").as_string() == node))
      return row.at("shards").as_int64();
  return 0;
}

node_report report_of(std::string name, std::vector<std::uint64_t> counts) {
  node_report report;
  report.node = std::move(name);
  report.bounds_us = {1'000, 10'000};
  report.last_hour = {{"stock", std::move(counts)}};
  return report;
}

} // namespace

SCENARIO("the shards of a role are spread over its nodes, and those of a role without a node have no owner") {
  const auto json = boost::json::parse(render_shards(two_nodes(), output_format::json));
  CHECK_EQ(shards_of(json, "order", "a") + shards_of(json, "order", "b"), shard_count);
  CHECK(shards_of(json, "order", "b") > 300);
  CHECK_EQ(shards_of(json, "payment", "a"), shard_count);
  CHECK_EQ(shards_of(json, "inventory", ""), shard_count);
  auto leaving = two_nodes();
  leaving.nodes[0].state = node_state::leaving;
  CHECK_EQ(shards_of(boost::json::parse(render_shards(leaving, output_format::json)), "order", "b"), shard_count);
}

SCENARIO("a node that the others cannot reach owns nothing, as in the nodes' own view") {
  auto list = two_nodes();
  list.nodes.push_back(node("c", {role::order}));
  list.nodes[1].suspects = {"a"};
  list.nodes[2].suspects = {"a"};
  const auto json = boost::json::parse(render_shards(list, output_format::json));
  CHECK_EQ(shards_of(json, "order", "a"), 0);
  CHECK_EQ(shards_of(json, "order", "b") + shards_of(json, "order", "c"), shard_count);
}

SCENARIO("the owner of an order is named for each role") {
  const std::string id = "ord_00000000000000000001";
  const auto json = boost::json::parse(render_owner(two_nodes(), id, output_format::json));
  CHECK_EQ(json.at("owners").at(0).at("shard").as_int64(), shard_of(id));
  CHECK_EQ(json.at("owners").at(1).at("node").as_string(), "a");
}

SCENARIO("a lease is shown with its remaining time") {
  auto list = two_nodes();
  const auto at = now();
  list.nodes[0].lease_until = at + 2'500ms;
  list.nodes[1].lease_until = at - 1s;
  const auto text = render_leases(list, at, output_format::table);
  CHECK(text.find("2.5 s") != std::string::npos);
  CHECK(text.find("over") != std::string::npos);
  CHECK(render_leases(two_nodes(), at, output_format::table).find("needs none") != std::string::npos);
}

SCENARIO("the latencies of all nodes are merged; a node with other bounds is left out") {
  auto other = report_of("c", {7, 7, 7});
  other.bounds_us = {5};
  const auto json = boost::json::parse(
    render_latency({report_of("a", {10, 0, 0}), report_of("b", {0, 10, 0}), other}, output_format::json));
  CHECK_EQ(json.at("steps").at(0).at("count").as_int64(), 20);
  CHECK_EQ(json.at("steps").at(0).at("p50_ms").as_double(), 1.0);
  CHECK(render_latency({report_of("a", {0, 0, 5})}, output_format::table).find("> 10.000") != std::string::npos);
  CHECK_EQ(render_latency({report_of("a", {0, 0, 0})}, output_format::table),
           "no order has finished a step in the last hour\n");
}

SCENARIO("rates are counted between two reports, and a restarted node has none") {
  auto before = report_of("a", {});
  auto after = before;
  before.orders_placed = 100;
  after.orders_placed = 350;
  after.commits = 10;
  after.commit_us = 25'000;
  const actor_list actors{{{"order", "ord_1", "a", 12, 300}}, 40, {"b"}};
  const auto json = boost::json::parse(render_top({before}, {after}, 2s, actors, output_format::json));
  const auto& row = json.at("nodes").at(0);
  CHECK_EQ(row.at("orders_placed_per_second").to_number<double>(), 125.0);
  CHECK_EQ(row.at("ms_per_commit").to_number<double>(), 2.5);
  CHECK_EQ(json.at("busiest").at(0).at("mailbox").as_int64(), 12);
  CHECK_EQ(json.at("missing").at(0).as_string(), "b");
  CHECK(render_top({after}, {before}, 2s, actors, output_format::table).find("0.0") != std::string::npos);
  CHECK(
    render_top({before}, {after}, 2s, actors, output_format::table).find("40 entities in memory\nno answer from: b\n")
    != std::string::npos);
}

SCENARIO("a message that failed for good is shown with its last error") {
  webhook_delivery_row row;
  row.message = "msg_1";
  row.endpoint = "whk_1";
  row.type = "order.placed";
  row.delivery.attempts = 10;
  row.delivery.last_status = 503;
  CHECK(render_dead_letters({row}, false, output_format::table).find("HTTP 503") != std::string::npos);
  CHECK_EQ(render_dead_letters({}, false, output_format::table), "no message has failed for good\n");
}
