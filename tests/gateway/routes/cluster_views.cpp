#include "domain/base/errors.hpp"
#include "messages/cluster/placement.hpp"
#include "tests/gateway/support/tokens.hpp"

#include <boost/json/array.hpp>

#define CAF_SUITE gateway.cluster_views
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

node_entry node_of(std::string name, std::vector<role> roles) {
  node_entry entry;
  entry.node = std::move(name);
  entry.roles = std::move(roles);
  return entry;
}

/// `counts` by the bounds of one and ten milliseconds, and longer.
node_report report_of(std::string node, std::vector<std::uint64_t> counts) {
  node_report report;
  report.node = std::move(node);
  report.bounds_us = {1'000, 10'000};
  report.last_hour = {{"payment", std::move(counts)}, {"stock", {0, 0, 0}}};
  return report;
}

} // namespace

SCENARIO("every shard of a role has an owner, the same as the nodes come to") {
  fixture f;
  f.state->nodes.nodes = {node_of("a", {role::gateway, role::order}), node_of("b", {role::order, role::payment})};
  const auto shown = f.send("GET", "/v1/cluster/shards");
  REQUIRE_EQ(shown.status, 200u);
  const auto json = shown.json();
  std::map<std::string, boost::json::value> roles;
  for (const auto& entry : json.at("roles").as_array())
    roles[std::string{entry.at("role").as_string()}] = entry;
  CHECK(!roles.contains("gateway"));
  const auto& orders = roles.at("order");
  REQUIRE_EQ(orders.at("shards").as_array().size(), std::size_t{shard_count});
  const std::vector<std::string> owners{"a", "b"};
  for (std::uint16_t shard = 0; shard < shard_count; ++shard)
    CHECK_EQ(orders.at("shards").at(shard).as_int64(), static_cast<std::int64_t>(owner_of(shard, owners)));
  CHECK_EQ(roles.at("payment").at("owners").at(0).as_string(), "b");
  CHECK(roles.at("delivery").at("owners").as_array().empty());
  CHECK(roles.at("delivery").at("shards").as_array().empty());
}

SCENARIO("an operator drains a node by name and never by force, and hears why one cannot be spared") {
  fixture f;
  const auto begun = f.send("POST", "/v1/cluster/nodes/order-2/drain");
  CHECK_EQ(begun.status, 202u);
  CHECK_EQ(begun.text("node"), "order-2");
  CHECK_EQ(f.state->drained, std::vector<std::string>{"order-2"});
  CHECK(f.state->drained_by.ends_with(", request " + begun.header("X-Request-Id")));
  f.state->drain_failure = ec::conflict;
  const auto refused = f.send("POST", "/v1/cluster/nodes/order-2/drain");
  CHECK_EQ(refused.status, 409u);
  CHECK_EQ(refused.text("code"), "conflict");
  f.state->drain_failure = ec::not_found;
  CHECK_EQ(f.send("POST", "/v1/cluster/nodes/nobody/drain").status, 404u);
}

SCENARIO("the latency of a step is that of all nodes together, and who did not answer is named") {
  fixture f;
  f.state->reports = {{report_of("b", {0, 50, 0}), report_of("a", {50, 0, 0})}, {"c"}};
  const auto json = f.send("GET", "/v1/latency").json();
  // A step that nobody took says nothing.
  REQUIRE_EQ(json.at("steps").as_array().size(), 1u);
  const auto& payment = json.at("steps").at(0);
  CHECK_EQ(payment.at("count").as_int64(), 100);
  CHECK_EQ(payment.at("p50_us").as_int64(), 1'000);
  CHECK_EQ(payment.at("p99_us").as_int64(), 1'000 + 9'000 * 49 / 50);
  CHECK_EQ(json.at("longest_us").as_int64(), 10'000);
  CHECK_EQ(json.at("nodes").at(0).as_string(), "a");
  CHECK_EQ(json.at("missing").at(0).as_string(), "c");
}

SCENARIO("the audit tells how far it is and what it found, and what it cannot tell is null") {
  fixture f;
  f.state->audit.open = {{{"I7", "ledger:pay_1/capture", "the provider has it twice"}, {}}};
  f.state->audit.found = {{"I7", 3}};
  f.state->audit.events = 1'000;
  f.state->audit.behind = milliseconds{250};
  const auto json = f.send("GET", "/v1/audit").json();
  CHECK_EQ(json.at("open").at(0).at("subject").as_string(), "ledger:pay_1/capture");
  CHECK_EQ(json.at("found").at(0).at("count").as_int64(), 3);
  CHECK_EQ(json.at("events").as_int64(), 1'000);
  CHECK_EQ(json.at("behind_ms").as_int64(), 250);
  CHECK(json.at("walked_at").is_null());
  CHECK(json.at("saved_at").is_null());
}
