#include "persistence/presence/presence_table.hpp"

#include "persistence/faults/outage.hpp"
#include "tests/persistence/backends.hpp"
#include "tests/support/eventually.hpp"

#include <algorithm>

#define CAF_SUITE persistence.presence_table
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

/// PostgreSQL brings a clock of its own: absences are made with a time of absence of zero there.
constexpr presence_settings strict{.away_after = 0ms};

std::vector<absence> of(role wanted, const presence& seen) {
  auto theirs = seen.absences;
  std::erase_if(theirs, [wanted](const absence& item) { return item.role != wanted; });
  return theirs;
}

void on_both(const std::function<void(const store_config&)>& claim) {
  sqlite_backend sqlite;
  claim(sqlite.config);
  postgresql_backend postgresql;
  claim(postgresql.config);
}

} // namespace

SCENARIO("G10: an absence lasts until a node serves the role again, and every node knows it from then on") {
  on_both([](const store_config& config) {
    const auto mine = open_presence_table(config, strict);
    const auto other = open_presence_table(config, strict);
    auto time = now() + 1s;
    const auto first = mine->look({role::order}, time).value();
    const auto away = of(role::payment, first);
    CAF_REQUIRE(away.size() == 1);
    CHECK(!away.front().until);
    time += 10s;
    const auto back = other->look({role::payment}, time).value();
    time += 1ms;
    const auto seen = of(role::payment, mine->look({}, time).value());
    CAF_REQUIRE(seen.size() == 2);
    const auto closed = std::ranges::find_if(seen, [](const absence& item) { return item.until.has_value(); });
    CAF_REQUIRE(closed != seen.end());
    CHECK(closed->since == away.front().since);
    CHECK(closed->until == back.time);
  });
}

SCENARIO("G10: a role that is seen in time has no absence") {
  on_both([](const store_config& config) {
    const auto table = open_presence_table(config, {.away_after = 1min});
    auto time = now();
    for (int i = 0; i < 3; ++i, time += 30s)
      CHECK(of(role::order, table->look({role::order, role::payment}, time).value()).empty());
  });
}

SCENARIO("G10: of two nodes that come back the first one records the absence, and the second one does not") {
  on_both([](const store_config& config) {
    const auto table = open_presence_table(config, {.away_after = 0ms});
    const auto two = open_presence_table(config, {.away_after = 1min});
    const auto time = now() + 1s;
    static_cast<void>(table->look({role::order}, time).value());
    const auto seen = of(role::order, two->look({role::order}, time + 1ms).value());
    CHECK_EQ(seen.size(), 1u);
  });
}

SCENARIO("G10: a node with SQLite that was down for a day finds its absence at the first look") {
  sqlite_backend sqlite;
  const auto time = now();
  static_cast<void>(open_presence_table(sqlite.config)->look({role::order}, time).value());
  const auto seen = open_presence_table(sqlite.config)->look({role::order}, time + 24h).value();
  const auto away = of(role::order, seen);
  CAF_REQUIRE(away.size() == 1);
  CHECK(away.front().since == time);
  CHECK(away.front().until == time + 24h);
}

SCENARIO("G10: while the database is unavailable no absence is known, and afterwards that whole time is one") {
  sqlite_backend sqlite;
  const auto table = open_presence_table(sqlite.config);
  const auto time = now();
  static_cast<void>(table->look({role::order}, time).value());
  simulated_outage::begin(300ms);
  CHECK_EQ(table->look({role::order}, time + 40s).error().code, ec::unavailable);
  CHECK(eventually([&] { return table->look({role::order}, time + 75s).has_value(); }));
  const auto away = of(role::order, table->look({role::order}, time + 75s).value());
  CAF_REQUIRE(away.size() == 1);
  CHECK(away.front().until == time + 75s);
}
