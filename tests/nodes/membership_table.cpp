#include "nodes/membership_table.hpp"

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

constexpr membership_settings patient{.lease = 60s, .renewal = 1s};
constexpr membership_settings hasty{.lease = 200ms, .renewal = 50ms};

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

SCENARIO("a node that has joined is seen by others once it has renewed, with all that it says of itself") {
  const auto url = new_database();
  const auto mine = open_membership_table(url, patient);
  const auto other = open_membership_table(url, patient);
  const auto incarnation = mine->join("a").value();
  CHECK(other->live().value().nodes.empty());
  CHECK(mine->renew(entry("a", incarnation)).has_value());
  const auto seen = other->live().value().nodes;
  REQUIRE_EQ(seen.size(), 1u);
  CHECK_EQ(seen[0].node, "a");
  CHECK_EQ(seen[0].incarnation, incarnation);
  CHECK_EQ(seen[0].address, "127.0.0.1:4100");
  CHECK_EQ(seen[0].http, "127.0.0.1:4000");
  CHECK(seen[0].roles == entry("a", 1).roles);
  CHECK(seen[0].lease_until > timestamp{});
}

SCENARIO("a name whose lease holds cannot be taken") {
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

SCENARIO("a name whose lease has run out is taken with a higher incarnation, and the one before is refused") {
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

SCENARIO("a node that leaves is gone at once and its name is free") {
  const auto url = new_database();
  const auto table = open_membership_table(url, patient);
  const auto incarnation = table->join("a").value();
  CHECK(table->renew(entry("a", incarnation)).has_value());
  CHECK(table->leave("a", incarnation).has_value());
  CHECK(table->live().value().nodes.empty());
  CHECK(table->join("a").has_value());
}

SCENARIO("while the database is away everything is unavailable, and when it is back the lease is renewed") {
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
  CHECK_EQ(table->live().value().nodes.size(), 1u);
}

SCENARIO("a database that stands still does not hold the table's thread") {
  const auto url = new_database();
  const auto table = open_membership_table(url, hasty);
  const auto incarnation = table->join("a").value();
  auto& server = test::test_postgres::shared();
  server.freeze();
  const auto refused = table->renew(entry("a", incarnation));
  server.thaw();
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == ec::unavailable);
  CHECK(test::eventually([&] { return table->live().has_value(); }));
}
