#include "actors/deadlines/absences.hpp"

#include "actors/deadlines/cluster_time.hpp"

#define CAF_SUITE actors.absences
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace std::chrono_literals;

namespace {

constexpr timestamp noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 29} + 12h};
constexpr role_set order_and_payment{role::order, role::payment};

timestamp deadline(const absences& known, timestamp nominal = noon + 60s, role_set roles = order_and_payment) {
  const auto fair = known.postpone(nominal, noon, roles);
  CAF_REQUIRE(fair.has_value());
  return fair->at;
}

} // namespace

SCENARIO("G10: without absences a deadline stays as it was set") {
  CHECK(deadline({}) == noon + 60s);
  CHECK(!absences{}.postpone(noon + 60s, noon, order_and_payment)->back_since);
}

SCENARIO("G10: time in which a needed role was away is not counted") {
  const absences known{{{role::payment, noon + 10s, noon + 85s}}};
  CHECK(deadline(known) == noon + 135s);
  CHECK(known.postpone(noon + 60s, noon, order_and_payment)->back_since == noon + 85s);
}

SCENARIO("G10: an absence of a role that the step does not need changes nothing") {
  CHECK(deadline(absences{{{role::delivery, noon + 10s, noon + 85s}}}) == noon + 60s);
}

SCENARIO("G10: absences at the same time count once, and one after the other add up") {
  CHECK(deadline(absences{{{role::payment, noon + 10s, noon + 30s}, {role::order, noon + 20s, noon + 40s}}})
        == noon + 90s);
  CHECK(deadline(absences{{{role::order, noon + 20s, noon + 30s}, {role::payment, noon + 10s, noon + 40s}}})
        == noon + 90s);
  // The second one begins after the nominal end, but before the deadline that the first one made.
  CHECK(deadline(absences{{{role::payment, noon + 10s, noon + 70s}, {role::payment, noon + 100s, noon + 1h}}})
        == noon + 1h + 20s);
}

SCENARIO("G10: an absence that began before the step moves the deadline only by the part after the beginning") {
  CHECK(deadline(absences{{{role::payment, noon - 1h, noon + 5s}}}) == noon + 65s);
  CHECK(deadline(absences{{{role::payment, noon - 1h, noon}}}) == noon + 60s);
}

SCENARIO("G10: an absence that begins after the deadline does not move it") {
  CHECK(deadline(absences{{{role::payment, noon + 61s, noon + 1h}}}) == noon + 60s);
  CHECK(deadline(absences{{{role::payment, noon + 61s, std::nullopt}}}) == noon + 60s);
}

SCENARIO("G10: no deadline is judged while a needed role is away") {
  const absences known{{{role::payment, noon + 10s, std::nullopt}}};
  CHECK(!known.postpone(noon + 60s, noon, order_and_payment));
  CHECK(known.postpone(noon + 60s, noon, {role::order}).has_value());
}

SCENARIO("G10: no deadline is judged while a role was not seen since: it may have been away before") {
  CHECK(!absences({}, {{role::payment, noon + 59s}}).postpone(noon + 60s, noon, order_and_payment));
  CHECK(absences({}, {{role::payment, noon + 60s}}).postpone(noon + 60s, noon, order_and_payment).has_value());
  CHECK(absences({}, {{role::delivery, noon}}).postpone(noon + 60s, noon, order_and_payment).has_value());
}

SCENARIO("G10: the time of the cluster follows the steady clock, whatever the wall clock of this machine does") {
  auto steady = cluster_time::steady::time_point{} + 5h;
  cluster_time time{4s, [&] { return steady; }};
  // This machine's clock, now, is nowhere near.
  time.update(noon, steady, {});
  CHECK(time.now() == noon);
  steady += 90s;
  CHECK(time.now() == noon + 90s);
}

SCENARIO(
  "G10: deadlines are judged on a fresh read only: an older one does not show how long the process was stopped") {
  auto steady = cluster_time::steady::time_point{} + 5h;
  cluster_time time{4s, [&] { return steady; }};
  CHECK(!time.judge(noon, noon, order_and_payment));
  time.update(noon, steady, {});
  steady += 4s;
  CHECK(time.judge(noon, noon, order_and_payment).has_value());
  steady += 1s;
  CHECK(!time.judge(noon, noon, order_and_payment));
  time.update(noon + 1h, steady, absences{{{role::order, noon + 4s, noon + 1h}}});
  CHECK(time.judge(noon + 60s, noon, order_and_payment)->at == noon + 1h + 56s);
}
