#include "domain/order_view/waiting.hpp"
#include "tests/domain/story.hpp"

#define CAF_SUITE domain.deferral
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::order;
using waybill::testing::a_place_command;
using waybill::testing::euros;
using waybill::testing::order_story;
using waybill::testing::word;

namespace {

order_story deferred_order() {
  order_story story;
  auto cmd = a_place_command();
  cmd.payment = {"deferred", ""};
  story.tell(cmd);
  return story;
}

order_story awaiting_order() {
  auto story = deferred_order();
  story.tell(record_stock_reserved{});
  return story;
}

pay payment(const std::string& intent, const std::string& token = "tok_ok") {
  return {{"card", token}, intent, "digest of " + token, {"customer", "usr_1"}};
}

std::string awaited(const order_story& story) {
  return std::string{word_for(waiting_of(story.state))};
}

} // namespace

SCENARIO("an order that is paid later keeps its stock and waits for a payer, with a deadline of its own") {
  auto story = deferred_order();
  CHECK_EQ(word(story.state.payment_status), "awaiting");
  CHECK_EQ(awaited(story), "stock");
  CHECK(!is_settled(story.state));
  CHECK_EQ(story.tell(record_stock_reserved{}), "order.stock_reserved");
  CHECK_EQ(word(story.state.status), "placed");
  CHECK_EQ(awaited(story), "payer");
  CHECK(due_steps(story.state).empty());
  CHECK(story.state.step_by == story.now + story.options.pay);
  CHECK(is_settled(story.state));
  CHECK(step_began(story.state, story.options) == story.now);
}

SCENARIO("a paid order goes on like one that was paid at once") {
  auto story = awaiting_order();
  CHECK_EQ(story.tell(payment("a")), "order.payment_provided");
  CHECK_EQ(word(story.state.payment_status), "pending");
  CHECK_EQ(awaited(story), "payment");
  CHECK(due_steps(story.state) == std::vector{step::authorize_payment});
  CHECK(story.state.step_by == story.now + story.options.authorize);
  CHECK_EQ(story.state.payment.token, "tok_ok");
  CHECK_EQ(story.tell(record_payment_authorized{euros(1300)}), "order.payment_authorized order.confirmed");
}

SCENARIO("a payment before the stock is reserved counts, and the reservation keeps its deadline") {
  auto story = deferred_order();
  const auto deadline = story.state.step_by;
  story.wait(std::chrono::seconds{5});
  CHECK_EQ(story.tell(payment("a")), "order.payment_provided");
  CHECK(story.state.step_by == deadline);
  CHECK(due_steps(story.state) == std::vector{step::reserve_stock});
  CHECK_EQ(story.tell(record_stock_reserved{}), "order.stock_reserved");
  CHECK(story.state.step_by == story.now + story.options.authorize);
  CHECK(due_steps(story.state) == std::vector{step::authorize_payment});
}

SCENARIO("an order is paid once: the same intent changes nothing, another one is refused") {
  auto story = awaiting_order();
  story.tell(payment("a"));
  CHECK_EQ(story.tell(payment("a")), "nothing");
  CHECK_EQ(story.tell(payment("a", "tok_declined")), "idempotency_key_reused");
  CHECK_EQ(story.tell(payment("b")), "illegal_transition");
  story.tell(record_payment_authorized{euros(1300)});
  CHECK_EQ(story.tell(payment("a")), "nothing");
  CHECK_EQ(story.tell(payment("b")), "illegal_transition");
}

SCENARIO("an order that nobody pays in time is cancelled, and says why") {
  auto story = awaiting_order();
  CHECK_EQ(story.tell(record_unpaid{}), "order.cancel_requested");
  CHECK_EQ(story.state.reason, "not_paid_in_time");
  CHECK_EQ(story.tell(payment("a")), "illegal_transition");
  // No authorisation was ever requested: only the stock is released.
  CHECK(due_steps(story.state) == std::vector{step::release_stock});
  CHECK_EQ(story.tell(record_compensated{}), "order.compensated order.cancelled");
  CHECK_EQ(word(story.state.payment_status), "voided");
  CHECK_EQ(story.tell(payment("a")), "illegal_transition");
}

SCENARIO("the deadline has no effect on an order that was paid before it") {
  auto story = awaiting_order();
  story.tell(payment("a"));
  CHECK_EQ(story.tell(record_unpaid{}), "nothing");
  CHECK_EQ(word(story.state.status), "placed");
}

SCENARIO("of a cancellation and a payment the first one counts") {
  auto cancelled = awaiting_order();
  CHECK_EQ(cancelled.tell(request_cancel{"changed my mind"}), "order.cancel_requested");
  CHECK_EQ(cancelled.tell(payment("a")), "illegal_transition");
  auto paid = awaiting_order();
  paid.tell(payment("a"));
  CHECK_EQ(paid.tell(request_cancel{"changed my mind"}), "order.cancel_requested");
  CHECK(due_steps(paid.state) == (std::vector{step::void_payment, step::release_stock}));
}

SCENARIO("an order that was paid when it was placed takes no payment") {
  order_story story;
  story.tell(a_place_command());
  CHECK_EQ(story.tell(payment("a")), "illegal_transition");
  CHECK_EQ(word(story.state.payment_status), "pending");
}

SCENARIO("an order without stock is rejected, paid or not, and takes no payment meanwhile") {
  auto story = deferred_order();
  story.tell(record_stock_rejected{product_id{"prd_1"}, 2, 0});
  CHECK_EQ(awaited(story), "compensation");
  CHECK_EQ(story.tell(payment("a")), "illegal_transition");
  CHECK_EQ(story.tell(record_compensated{}), "order.rejected");
  CHECK_EQ(word(story.state.payment_status), "voided");
}

SCENARIO("nothing is authorised before somebody has paid") {
  auto story = awaiting_order();
  CHECK_EQ(story.tell(record_payment_authorized{euros(1300)}), "illegal_transition");
  CHECK_EQ(story.tell(record_payment_declined{"no"}), "illegal_transition");
}

SCENARIO("an unpaid order is not held, nor are its lines revised; its address may change") {
  auto story = awaiting_order();
  CHECK_EQ(story.tell(hold{{"operator", "usr_1"}, "looks odd"}), "illegal_transition");
  auto lines = story.state.lines;
  lines.pop_back();
  CHECK_EQ(story.tell(revise{"r", lines, {}, {}}), "illegal_transition");
  CHECK_EQ(story.tell(change{recipient{"Ada", "2 Main Street"}, std::nullopt}), "order.changed");
}

SCENARIO("the time for a hold counts from the payment") {
  auto story = awaiting_order();
  story.wait(story.options.hold + std::chrono::hours{1});
  story.tell(payment("a"));
  CHECK_EQ(story.tell(hold{{"operator", "usr_1"}, "looks odd"}), "order.held");
  CHECK(story.state.hold->until == story.now + story.options.hold);
}

SCENARIO("G8: an older order may have the word `deferred` as its payment method") {
  state replayed;
  const auto event = decode_event<order::event>(
    "order.placed", 1,
    R"({"order":"ord_1","customer":"cus_1","lines":[],"total":{"amount":1,"currency":"EUR"},"payment":{"method":"deferred","token":"tok_ok"},"delivery":{"name":"Ada","address":"x"},"note":"","fingerprint":"abc","step_by":"2026-11-21T04:00:30.000000Z"})");
  CAF_REQUIRE(event.has_value());
  apply(replayed, *event, timestamp{});
  CHECK_EQ(word(replayed.payment_status), "pending");
}
