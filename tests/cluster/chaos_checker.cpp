#include "tests/cluster/chaos/checker.hpp"

#include "domain/json/codec.hpp"
#include "domain/order/order.hpp"
#include "domain/payment.hpp"

#include <csignal>

#define CAF_SUITE cluster.chaos_checker
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::chaos;
using namespace std::chrono_literals;

namespace {

timestamp at(std::chrono::milliseconds when) {
  return timestamp{std::chrono::seconds{1'000'000} + when};
}

exchange answer(request_kind kind, unsigned status, const std::string& id, std::uint64_t version = 1,
                const std::string& order_status = "placed") {
  exchange made;
  made.kind = kind;
  made.label = "label";
  made.keyed = true;
  made.status = status;
  made.etag = version;
  made.began = at(0ms);
  made.ended = at(1ms);
  if (status < 300)
    made.seen.push_back({id, version, order_status});
  return made;
}

exchange later(exchange earlier, std::chrono::milliseconds by) {
  earlier.began += by;
  earlier.ended += by;
  return earlier;
}

history of(std::vector<exchange> exchanges) {
  history seen;
  seen.exchanges = std::move(exchanges);
  return seen;
}

stored_event stored(const std::string& stream, std::uint64_t version, std::chrono::milliseconds when,
                    const order::event& content) {
  const auto encoded = encode_event(content);
  stored_event event;
  event.stream = stream;
  event.version = version;
  event.at = at(when);
  event.type = encoded.type;
  event.schema = encoded.schema;
  event.data = encoded.data;
  return event;
}

/// A log with one completed order.
test::stored_contents sound_stores() {
  order::placed placed;
  placed.order = order_id{"ord_1"};
  placed.note = "label";
  test::stored_contents stores;
  stores.events = {stored("ord_1", 1, 0ms, placed), stored("ord_1", 2, 500ms, order::stock_reserved{}),
                   stored("ord_1", 3, 9s, order::completed{})};
  stores.order_rows["ord_1"].status = "completed";
  return stores;
}

seen_event followed(std::uint64_t version, const std::string& position, std::size_t digest = 7) {
  return {"evt_ord_1." + std::to_string(version), "ord_1", version, position, digest, 1};
}

history followed_by(std::vector<seen_event> events) {
  history seen;
  seen.followed.push_back(std::move(events));
  return seen;
}

/// Checks that `claim` is violated, and no other claim.
void check_caught(const std::vector<violation>& violations, const std::string& claim) {
  CAF_CHECK(!violations.empty());
  for (const auto& violation : violations) {
    CAF_MESSAGE(violation.text);
    CAF_CHECK_EQUAL(violation.claim, claim);
  }
}

constexpr auto place = request_kind::place;
constexpr auto read = request_kind::read;
constexpr auto cancel = request_kind::cancel;

} // namespace

SCENARIO("a sound history passes every check") {
  auto seen = of({answer(place, 201, "ord_1"), later(answer(read, 200, "ord_1", 3, "completed"), 10s)});
  seen.followed = {{followed(1, "01"), followed(2, "02"), followed(2, "02"), followed(3, "03")}};
  seen.followed[0][2].connection = 2;
  seen.followed[0][3].connection = 2;
  CHECK(check_all(seen, sound_stores()).empty());
}

SCENARIO("G1: an accepted order that is not in the log is caught") {
  check_caught(check_accepted(of({answer(place, 201, "ord_2")}), sound_stores()), "G1");
}

SCENARIO("I8: an accepted order that never came to rest is caught") {
  auto stores = sound_stores();
  stores.order_rows["ord_1"].status = "fulfilling";
  check_caught(check_accepted(of({answer(place, 201, "ord_1")}), stores), "I8 G7");
}

SCENARIO("I6: two orders under one key are caught") {
  auto second = answer(place, 201, "ord_2");
  second.replayed = true;
  check_caught(check_keys(of({answer(place, 201, "ord_1"), second})), "G3 I6");
}

SCENARIO("G3: two different answers under one key, or two that are not marked as replays, are caught") {
  auto other = answer(place, 201, "ord_1");
  other.replayed = true;
  other.digest = 99;
  check_caught(check_keys(of({answer(place, 201, "ord_1"), other})), "G3");
  check_caught(check_keys(of({answer(place, 201, "ord_1"), answer(place, 201, "ord_1")})), "G3");
}

SCENARIO("an accepted order that is not found is caught") {
  check_caught(check_reads(of({answer(read, 404, "ord_1")})), "reads");
}

SCENARIO("a version that goes back for one reader at one gateway is caught, except between concurrent requests") {
  const auto first = answer(read, 200, "ord_1", 5);
  const auto older = answer(read, 200, "ord_1", 4);
  check_caught(check_reads(of({first, later(older, 10ms)})), "reads");
  CHECK(check_reads(of({first, older})).empty());
  auto elsewhere = later(older, 10ms);
  elsewhere.gateway = 1;
  CHECK(check_reads(of({first, elsewhere})).empty());
}

SCENARIO("a final status that does not stay is caught") {
  const auto cancelled = answer(read, 200, "ord_1", 5, "cancelled");
  check_caught(check_reads(of({cancelled, later(answer(read, 200, "ord_1", 6, "completed"), 10ms)})), "reads");
}

SCENARIO("a cancellation that was answered with 200 and did not last is caught") {
  check_caught(check_cancels(of({answer(cancel, 200, "ord_1")}), sound_stores()), "cancel");
  auto stores = sound_stores();
  stores.order_rows["ord_1"].status = "needs_attention";
  check_caught(check_cancels(of({answer(cancel, 200, "ord_1")}), stores), "cancel");
  CHECK(check_cancels(of({answer(cancel, 202, "ord_1")}), stores).empty());
}

SCENARIO("a cancellation may be taken back by a courier who was quicker, but not when it shows an order that goes on") {
  auto stores = sound_stores();
  REQUIRE_EQ(stores.events.back().stream, "ord_1");
  const auto under_way = answer(cancel, 202, "ord_1", stores.events.back().version - 1, "cancelling");
  check_caught(check_cancels(of({under_way}), stores), "cancel");
  stores.events.back().type = "order.cancel_refused";
  CHECK(check_cancels(of({under_way}), stores).empty());
  check_caught(check_cancels(of({answer(cancel, 202, "ord_1", under_way.seen.front().version, "fulfilling")}), stores),
               "cancel");
  check_caught(check_cancels(of({answer(cancel, 200, "ord_1", under_way.seen.front().version, "cancelling")}), stores),
               "cancel");
  check_caught(
    check_cancels(of({answer(cancel, 202, "ord_1", stores.events.back().version, "cancelling")}), stores), "cancel");
}

SCENARIO("G6, I9: a subscriber's gap, lost event, changed event and step back are caught") {
  const auto stores = sound_stores();
  CHECK(check_followers(followed_by({followed(1, "01"), followed(2, "02"), followed(3, "03")}), stores).empty());
  check_caught(check_followers(followed_by({followed(1, "01"), followed(2, "02")}), stores), "G6 I9");
  check_caught(check_followers(followed_by({followed(1, "01"), followed(3, "02"), followed(2, "03")}), stores),
               "G6 I9");
  check_caught(check_followers(followed_by({followed(1, "02"), followed(2, "01"), followed(3, "03")}), stores),
               "G6 I9");
  auto again = followed(1, "01", 8);
  again.connection = 2;
  check_caught(check_followers(followed_by({followed(1, "01"), followed(2, "02"), followed(3, "03"), again}), stores),
               "G6 I9");
}

SCENARIO("G9: 503 without Retry-After, and answers that nobody expects, are caught") {
  auto refused = answer(read, 503, "ord_1");
  check_caught(check_contract(of({refused})), "G9");
  refused.has_retry_after = true;
  CHECK(check_contract(of({refused})).empty());
  check_caught(check_contract(of({answer(read, 500, "ord_1")})), "contract");
  check_caught(check_contract(of({answer(request_kind::reuse_key, 201, "ord_1")})), "contract");
}

SCENARIO("a process that ended by itself, or with an error when it was asked to end, is caught") {
  history seen;
  seen.ended.push_back({"order-1", at(0ms), true, true, 0, {}});
  CHECK(check_processes(seen).empty());
  seen.ended[0].code = 1;
  check_caught(check_processes(seen), "drain");
  seen.ended[0].code = -SIGTERM;
  check_caught(check_processes(seen), "drain");
  // Ended before its main() began.
  seen.ended[0].served = false;
  CHECK(check_processes(seen).empty());
  seen.ended[0].code = 1;
  check_caught(check_processes(seen), "drain");
  seen.ended[0].served = true;
  seen.ended[0].asked = false;
  check_caught(check_processes(seen), "processes");
  seen.ended[0].served = false;
  CHECK(check_processes(seen).empty());
}

SCENARIO("a request that fails during a drain is caught, not one to a gateway that accepts no connections") {
  incident roll;
  roll.injected.kind = fault_kind::roll;
  roll.began = at(-1s);
  roll.healed = at(5s);
  roll.alone = true;
  auto failed = answer(read, 0, "ord_1");
  failed.seen.clear();
  failed.trouble = "asking 10.231.0.10:4000: end of stream";
  auto seen = of({failed});
  seen.incidents.push_back(roll);
  check_caught(check_drains(seen), "drain");
  seen.exchanges[0].trouble = "connecting to 10.231.0.10:4000: Connection refused";
  CHECK(check_drains(seen).empty());
}

SCENARIO("a read that shows an older version than an earlier answer, at any gateway, is caught") {
  auto elsewhere = later(answer(read, 200, "ord_1", 4), 10ms);
  elsewhere.gateway = 1;
  check_caught(check_freshness(of({answer(read, 200, "ord_1", 5), elsewhere})), "stale");
  check_caught(check_freshness(of({answer(cancel, 202, "ord_1", 5), elsewhere})), "stale");
  CHECK(check_freshness(of({answer(read, 200, "ord_1", 4), elsewhere})).empty());
  auto at_the_same_time = elsewhere;
  at_the_same_time.began = at(1ms);
  CHECK(check_freshness(of({answer(read, 200, "ord_1", 5), at_the_same_time})).empty());
  auto other = elsewhere;
  other.label = "other";
  CHECK(check_freshness(of({answer(read, 200, "ord_1", 5), other})).empty());
}

SCENARIO("an order's history without events that an earlier answer showed, or without any, is caught") {
  auto events = later(answer(request_kind::history, 200, "ord_1", 1), 10ms);
  events.seen.push_back({"ord_1", 2, "order.stock_reserved"});
  CHECK(check_freshness(of({answer(read, 200, "ord_1", 2), events})).empty());
  check_caught(check_freshness(of({answer(read, 200, "ord_1", 3), events})), "stale");
  events.seen.clear();
  check_caught(check_freshness(of({answer(place, 201, "ord_1", 1), events})), "stale");
}

SCENARIO("G11: an accepted position of a replaced log, and a served order that was lost with it, are caught") {
  auto seen = followed_by({followed(1, "01")});
  CHECK(check_restored(seen).empty());
  seen.followed[0].push_back(followed(1, "11", 8));
  seen.followed[0].back().log = 1;
  // Told so, and nothing was replaced.
  check_caught(check_restored(seen), "G11");
  restored_log restored;
  restored.positions = {{0, false, 410, "cursor_expired"}, {1, true, 410, "cursor_expired"}};
  restored.orders = {{0, "ord_2", 404}};
  seen.restored.push_back(restored);
  CHECK(check_restored(seen).empty());
  seen.restored[0].positions[1] = {1, true, 200, ""};
  check_caught(check_restored(seen), "G11");
  seen.restored[0] = restored;
  seen.restored[0].orders[0].status = 200;
  check_caught(check_restored(seen), "G11");
  seen.restored[0] = restored;
  seen.followed[0].pop_back();
  // The subscriber was never told.
  check_caught(check_restored(seen), "G11");
}

SCENARIO("G6, I9: a subscriber that began anew must have the whole new log, and nothing of the old one") {
  const auto stores = sound_stores();
  auto seen = followed_by({followed(1, "01"), followed(2, "02")});
  for (auto version : {1U, 2U, 3U}) {
    seen.followed[0].push_back(followed(version, "1" + std::to_string(version), 8));
    seen.followed[0].back().log = 1;
  }
  CHECK(check_followers(seen, stores).empty());
  seen.followed[0].pop_back();
  check_caught(check_followers(seen, stores), "G6 I9");
  // Its events of the old log do not count.
  seen.followed[0].erase(seen.followed[0].begin() + 2);
  check_caught(check_followers(seen, stores), "G6 I9");
}

SCENARIO("a subscriber that a foreign transaction delays is caught") {
  history seen;
  seen.foreign.push_back({at(0ms), 10, 10});
  CHECK(check_foreign(seen).empty());
  seen.foreign[0].followed = 9;
  check_caught(check_foreign(seen), "G6 foreign");
}

SCENARIO("a stream that stays open without its right, still gets events, or never got one, is caught") {
  revoked_stream stream{"a key's stream", 0,    at(1s), at(4s), "1008", {{"evt_1", "ord_1", 1, at(0s)}},
                        at(9s),           true, 401};
  const auto check = [&](const revoked_stream& changed) {
    history seen;
    seen.revoked.push_back(changed);
    return check_revoked(seen, 4s);
  };
  CHECK(check(stream).empty());
  // The promise gives it some time.
  stream.events.push_back({"evt_2", "ord_1", 2, at(4s)});
  CHECK(check(stream).empty());
  auto late = stream;
  late.events.push_back({"evt_3", "ord_1", 3, at(7s)});
  check_caught(check(late), "revoked");
  auto open = stream;
  open.ended.reset();
  check_caught(check(open), "revoked");
  open.alone = false;
  CHECK(check(open).empty());
  auto good = stream;
  good.asked_again = 200;
  check_caught(check(good), "revoked");
  stream.events.clear();
  check_caught(check(stream), "revoked");
}

SCENARIO("a `latest` subscriber that makes the node read old events, or misses the next one, is caught") {
  history seen;
  seen.quiet = quiet_hour{1'000, 90, {{0, 7, 7, 6}, {1, 7, 8, 6}}};
  CHECK(check_pasts(seen).empty());
  for (const std::uint64_t wrong : {0U, 6U, 9U}) {
    seen.quiet->gateways[1].first = wrong;
    check_caught(check_pasts(seen), "latest");
  }
  seen.quiet = quiet_hour{1'000, 1'000, {{0, 7, 7, 6}}};
  check_caught(check_pasts(seen), "latest");
}

SCENARIO("a product that is loaded with all that it ever sold is caught") {
  history seen;
  seen.past = long_history{1'000, 40};
  CHECK(check_pasts(seen).empty());
  seen.past->rows_read = 1'040;
  check_caught(check_pasts(seen), "past");
}

SCENARIO("the time until an order moves again counts from the kill to its next event") {
  history seen;
  incident kill;
  kill.injected.kind = fault_kind::kill;
  kill.began = at(1s);
  seen.incidents.push_back(kill);
  auto stores = sound_stores();
  const auto measured = measure_stand_still(seen, stores);
  REQUIRE_EQ(measured.size(), 1u);
  CHECK_EQ(measured[0].orders, 1u);
  CHECK_EQ(measured[0].longest, std::optional{8'000ms});
  stores.events.pop_back();
  CHECK_EQ(measure_stand_still(seen, stores)[0].longest, std::nullopt);
  seen.incidents[0].began = at(10s);
  CHECK_EQ(measure_stand_still(seen, sound_stores())[0].orders, 0u);
}
