#include "domain/diagnosis/replay.hpp"

#include "domain/base/errors.hpp"
#include "domain/diagnosis/operations.hpp"
#include "tests/domain/support/whole_story.hpp"

#define CAF_SUITE domain.replay
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::testing;
using namespace std::chrono_literals;

namespace {

/// As version 0.1.0 exported it: events of schema 1 among them. It stays here for ever.
constexpr std::string_view recorded_export =
  R"({"format":"waybill.order","format_version":1,"program":"0.1.0","order_id":"ord_1","exported_at":"2026-11-30T04:00:00.000000Z","events":[)"
  R"({"id":"evt_pay_1.1","stream":"pay_1","version":1,"type":"payment.intent_recorded","schema":1,"occurred_at":"2026-11-21T04:00:00.000000Z","node":"waybill","data":{"payment":"pay_1","order":"ord_1","customer":"cus_1","operation":"authorize","key":"pay_1/authorize","amount":{"amount":1000,"currency":"EUR"},"method":"card"}},)"
  R"({"id":"evt_pay_1.2","stream":"pay_1","version":2,"type":"payment.authorized","schema":1,"occurred_at":"2026-11-21T04:00:01.000000Z","node":"waybill","data":{"amount":{"amount":1000,"currency":"EUR"},"reference":"ch_1"}},)"
  R"({"id":"evt_dlv_1.1","stream":"dlv_1","version":1,"type":"delivery.cancelled","schema":1,"occurred_at":"2026-11-21T04:00:02.000000Z","node":"waybill","data":{"delivery":"dlv_1"}}],)"
  R"("states":[{"stream":"pay_1","version":2,"state":{"id":"pay_1","order":"ord_1","customer":"cus_1","status":"authorized","amount":{"amount":1000,"currency":"EUR"},"method":"card","reference":"ch_1","authorized":{"amount":1000,"currency":"EUR"},"captured":{"amount":0,"currency":"EUR"},"refunded":{"amount":0,"currency":"EUR"},"decline_reason":"","created_at":"2026-11-21T04:00:00.000000Z","updated_at":"2026-11-21T04:00:01.000000Z","version":2,"refunds":[]}}]})";

diagnosis::exported_order exported(const whole_story& story) {
  return {"ord_1",
          "0.1.0",
          story.record,
          {{"ord_1", story.order.state.version, encode<json_members::visible>(story.order.state)},
           {"pay_1", story.payment.state.version, encode<json_members::visible>(story.payment.state)},
           {"dlv_1", story.delivery.state.version, encode<json_members::visible>(story.delivery.state)}}};
}

std::string refusal(std::string_view text) {
  const auto order = diagnosis::read_export(text);
  return order.has_error() && order.error().code == ec::unreadable ? order.error().detail : "read";
}

} // namespace

SCENARIO("the same program replays an order without a difference") {
  CHECK(diagnosis::replay(exported(dispatched_story())).empty());
}

SCENARIO("a difference in the replay is named by its JSON pointer") {
  auto order = exported(dispatched_story());
  auto& state = order.states[0].state;
  state.replace(state.find("\"fulfilling\""), 12, "\"completed\"");
  const auto differences = diagnosis::replay(order);
  REQUIRE_EQ(differences.size(), 1u);
  CHECK_EQ(differences[0].stream, "ord_1");
  CHECK_EQ(differences[0].pointer, "/status");
  CHECK_EQ(differences[0].exported, "\"completed\"");
  CHECK_EQ(differences[0].replayed, "\"fulfilling\"");
}

SCENARIO("D1: differing amounts are shown with decimals for people, and in minor units otherwise") {
  auto order = exported(dispatched_story());
  auto& state = order.states[1].state;
  const std::string nothing = R"("captured":{"amount":0,"currency":"EUR"})";
  REQUIRE_NE(state.find(nothing), std::string::npos);
  state.replace(state.find(nothing), nothing.size(), R"("captured":{"amount":499,"currency":"EUR"})");
  const auto differences = diagnosis::replay(order, diagnosis::amounts::readable);
  REQUIRE_EQ(differences.size(), 1u);
  CHECK_EQ(differences[0].pointer, "/captured");
  CHECK_EQ(differences[0].exported, "\"4.99 EUR\"");
  CHECK_EQ(diagnosis::replay(order).at(0).pointer, "/captured/amount");
  CHECK_EQ(diagnosis::replay(order).at(0).exported, "499");
}

SCENARIO("an event or a stream that this program does not know is a difference") {
  auto order = exported(dispatched_story());
  order.events[1].type = "order.stock_counted";
  order.states.push_back({"abc_1", 1, "{}"});
  const auto differences = diagnosis::replay(order);
  REQUIRE_EQ(differences.size(), 2u);
  CHECK_EQ(differences[0].exported, "order.stock_counted 2");
  CHECK_EQ(differences[1].stream, "abc_1");
}

SCENARIO("a state is compared at its own version: later events make no difference") {
  auto story = dispatched_story();
  const auto order = exported(story);
  story.tell(order::command{order::record_delivered{courier_id{"cur_1"}}});
  auto later = order;
  later.events = story.record;
  CHECK(diagnosis::replay(later).empty());
}

SCENARIO("an export of an earlier version is read, with events of earlier schemas") {
  const auto order = diagnosis::read_export(recorded_export);
  REQUIRE(order.has_value());
  CHECK_EQ(order->events.size(), 3u);
  for (const auto& difference : diagnosis::replay(*order))
    CAF_FAIL(difference.stream << difference.pointer << ": " << difference.exported << " is " << difference.replayed);
}

SCENARIO("a file that is not an export is refused with a reason") {
  CHECK_NE(refusal("{"), "read");
  CHECK_EQ(refusal("[]"), "this is no order that Waybill exported");
  CHECK_EQ(refusal("{}"), "this is no order that Waybill exported");
  CHECK_EQ(refusal(R"({"format":"waybill.order","format_version":99})"), "a newer program exported this order");
  CHECK_EQ(refusal(R"({"format":"waybill.order","format_version":1,"order_id":"ord_1"})"),
           "order_id, events or states are missing");
  CHECK_EQ(refusal(R"({"format":"waybill.order","format_version":1,"order_id":"ord_1","events":[7],"states":[]})"),
           "event 1 is not whole");
}

SCENARIO("the operations at the provider are known by their keys and outcomes") {
  auto story = dispatched_story();
  story.tell(payment::command{payment::capture{}});
  story.wait(2s);
  story.tell(payment::command{payment::record_unknown{}});
  const auto all = diagnosis::operations_of(story.record);
  REQUIRE(all.has_value());
  REQUIRE_EQ(all->size(), 2u);
  CHECK_EQ(all->at(0).key, "pay_1/authorize");
  CHECK_EQ(all->at(0).outcome, "approved");
  CHECK_EQ(all->at(0).reference, "ch_1");
  CHECK_EQ(all->at(1).outcome, "open");
  CHECK(all->at(1).was_unknown);
  CHECK(!all->at(1).answered_at);
}
