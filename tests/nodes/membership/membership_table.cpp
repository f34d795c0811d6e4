#include "nodes/membership/membership_table.hpp"

#include "domain/base/errors.hpp"
#include "messages/type_ids.hpp"
#include "persistence/store.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/postgres.hpp"

#include <thread>

#define CAF_SUITE nodes.membership_table
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace std::chrono_literals;

namespace {

/// A migrated database of its own.
std::string new_database() {
  const auto url = test::test_postgres::shared().create_database();
  store_config config;
  config.url = url;
  const auto migrated = migrate(config);
  if (migrated.has_error())
    CAF_FAIL(migrated.error().detail);
  return url;
}

const membership_settings patient{.lease = 60s, .renewal = 1s};
/// Long enough for two statements on a slow machine.
const membership_settings brief{.lease = 3s, .renewal = 1s};
const membership_settings hasty{.lease = 200ms, .renewal = 50ms};

node_entry entry(const std::string& name, std::uint64_t incarnation) {
  return {.node = name,
          .incarnation = incarnation,
          .address = "127.0.0.1:4100",
          .http = "127.0.0.1:4000",
          .roles = {role::order, role::gateway},
          .lease_until = {},
          .reachable = false};
}

/// Joins once the lease of the process before has run out, which it must.
std::uint64_t join_when_free(membership_table& table, const std::string& name) {
  for (int i = 0; i < 1'000; ++i) {
    if (const auto joined = table.join(name); joined.has_value())
      return *joined;
    std::this_thread::sleep_for(10ms);
  }
  CAF_FAIL("the lease never ran out");
}

} // namespace

SCENARIO("a joined node is visible to others after its first renewal, with all its data") {
  const auto url = new_database();
  const auto mine = open_membership_table(url, patient);
  const auto other = open_membership_table(url, patient);
  const auto incarnation = mine->join("a").value();
  CHECK(other->look().value().nodes.empty());
  CHECK(mine->announce(entry("a", incarnation)).has_value());
  const auto seen = other->look().value().nodes;
  REQUIRE_EQ(seen.size(), 1u);
  CHECK_EQ(seen[0].node, "a");
  CHECK_EQ(seen[0].incarnation, incarnation);
  CHECK_EQ(seen[0].address, "127.0.0.1:4100");
  CHECK_EQ(seen[0].http, "127.0.0.1:4000");
  CHECK(seen[0].roles == entry("a", 1).roles);
  CHECK(seen[0].lease_until > timestamp{});
}

SCENARIO("a name with a valid lease cannot be taken") {
  const auto url = new_database();
  const auto first = open_membership_table(url, patient);
  const auto second = open_membership_table(url, patient);
  const auto incarnation = first->join("a").value();
  const auto refused = second->join("a");
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == ec::conflict);
  CHECK(first->renew(entry("a", incarnation)).has_value());
  CHECK(second->join("b").has_value());
}

SCENARIO("a name with an expired lease is taken with a higher incarnation, and the former one is refused") {
  const auto url = new_database();
  const auto first = open_membership_table(url, hasty);
  const auto second = open_membership_table(url, patient);
  const auto before = first->join("a").value();
  const auto after = join_when_free(*second, "a");
  CHECK(after > before);
  const auto refused = first->renew(entry("a", before));
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == ec::conflict);
  CHECK(first->leave("a", before).has_value());
  CHECK(second->renew(entry("a", after)).has_value());
}

SCENARIO("a leaving node disappears at once, and its name is free") {
  const auto url = new_database();
  const auto table = open_membership_table(url, patient);
  const auto incarnation = table->join("a").value();
  CHECK(table->renew(entry("a", incarnation)).has_value());
  CHECK(table->leave("a", incarnation).has_value());
  CHECK(table->look().value().nodes.empty());
  CHECK(table->join("a").has_value());
}

SCENARIO("while the database is unavailable every call fails, and when it is back the lease is renewed") {
  const auto url = new_database();
  const auto table = open_membership_table(url, patient);
  const auto incarnation = table->join("a").value();
  auto& server = test::test_postgres::shared();
  server.kill();
  for (int i = 0; i < 2; ++i) {
    const auto refused = table->renew(entry("a", incarnation));
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == ec::unavailable);
    CHECK(refused.error().detail.find("127.0.0.1") == std::string::npos);
  }
  server.start();
  CHECK(table->renew(entry("a", incarnation)).has_value());
  CHECK_EQ(table->look().value().nodes.size(), 1u);
}

SCENARIO("an expired lease cannot be renewed, even if no other process wants the name") {
  const auto url = new_database();
  const auto table = open_membership_table(url, brief);
  const auto incarnation = table->join("a").value();
  CHECK(table->announce(entry("a", incarnation)).has_value());
  CHECK(test::eventually([&] { return table->look().value().nodes.at(0).state == node_state::dead; }));
  const auto refused = table->renew(entry("a", incarnation));
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == ec::conflict);
  CHECK(table->join("a").value() > incarnation);
}

SCENARIO("others see a node's state and suspects, which are cleared when it joins again") {
  const auto url = new_database();
  const auto mine = open_membership_table(url, brief);
  const auto other = open_membership_table(url, patient);
  auto self = entry("a", mine->join("a").value());
  self.state = node_state::leaving;
  self.suspects = {"b", "c-1.example:4100"};
  CHECK(mine->announce(self).has_value());
  const auto seen = other->look().value().nodes.at(0);
  CHECK_EQ(seen.suspects, self.suspects);
  CHECK(test::eventually([&] { return other->look().value().nodes.at(0).state == node_state::dead; }));
  const auto again = entry("a", join_when_free(*mine, "a"));
  CHECK(mine->announce(again).has_value());
  CHECK(other->look().value().nodes.at(0).suspects.empty());
}

SCENARIO("the address of a node that died can be announced by another one") {
  const auto url = new_database();
  const auto first = open_membership_table(url, brief);
  const auto second = open_membership_table(url, patient);
  CHECK(first->announce(entry("a", first->join("a").value())).has_value());
  const auto late = entry("b", second->join("b").value());
  CHECK(test::eventually([&] { return second->announce(late).has_value(); }));
}

SCENARIO("two live nodes never have the same address") {
  const auto url = new_database();
  const auto first = open_membership_table(url, patient);
  const auto second = open_membership_table(url, patient);
  CHECK(first->announce(entry("a", first->join("a").value())).has_value());
  const auto refused = second->announce(entry("b", second->join("b").value()));
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == ec::duplicate);
  CHECK_EQ(second->look().value().nodes.size(), 1u);
}

SCENARIO("a node of another protocol version than the live ones is refused with both versions") {
  const auto url = new_database();
  auto newer = patient;
  newer.protocol = protocol_version + 1;
  const auto first = open_membership_table(url, patient);
  const auto second = open_membership_table(url, newer);
  CHECK(first->announce(entry("a", first->join("a").value())).has_value());
  auto stranger = entry("b", second->join("b").value());
  stranger.address = "127.0.0.1:4101";
  const auto refused = second->announce(stranger);
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == ec::incompatible_peer);
  CHECK(refused.error().detail.find("node a of this cluster speaks protocol") != std::string::npos);
  CHECK(first->leave("a", first->look().value().nodes.at(0).incarnation).has_value());
  CHECK(second->announce(stranger).has_value());
}

SCENARIO("a machine whose clock is hours off cannot join, one whose clock is some seconds off is told so") {
  const auto url = new_database();
  auto settings = patient;
  settings.clock = [] { return now() + std::chrono::hours{2} + 5min; };
  const auto refused = open_membership_table(url, settings)->join("a");
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == ec::invalid_argument);
  CHECK(refused.error().detail.find("2h") != std::string::npos);
  settings.clock = [] { return now() - 10s; };
  const auto slow = open_membership_table(url, settings);
  CHECK(slow->join("a").has_value());
  const auto ahead = slow->look().value().clock_ahead;
  CHECK(ahead < -9s);
  CHECK(ahead > -60s);
}

SCENARIO("a read of the table gives the time until the first lease expires") {
  const auto url = new_database();
  const auto mine = open_membership_table(url, patient);
  CHECK(mine->announce(entry("a", mine->join("a").value())).has_value());
  const auto left = mine->look().value().first_lease_ends_in;
  CHECK(left > 0ms);
  CHECK(left <= 60s);
}

SCENARIO("a database that hangs does not block the table's thread") {
  const auto url = new_database();
  const auto table = open_membership_table(url, hasty);
  const auto incarnation = table->join("a").value();
  auto& server = test::test_postgres::shared();
  server.freeze();
  const auto refused = table->renew(entry("a", incarnation));
  server.thaw();
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == ec::unavailable);
  CHECK(test::eventually([&] { return table->look().has_value(); }));
}
