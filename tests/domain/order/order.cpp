#include "domain/order/order.hpp"

#include "domain/base/transitions.hpp"

#include "tests/domain/story.hpp"

#define CAF_SUITE domain.order
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::order;
using waybill::testing::a_place_command;
using waybill::testing::euros;
using waybill::testing::order_story;
using waybill::testing::word;

namespace {

std::string steps_of(const order_story& story) {
  std::string names;
  for (const auto step : due_steps(story.state))
    names += (names.empty() ? "" : " ") + word(step);
  return names;
}

order_story placed_order() {
  order_story story;
  story.tell(a_place_command());
  return story;
}

order_story reserved_order() {
  auto story = placed_order();
  story.tell(record_stock_reserved{});
  return story;
}

order_story confirmed_order() {
  auto story = reserved_order();
  story.tell(record_payment_authorized{euros(1300)});
  return story;
}

order_story dispatched_order() {
  auto story = confirmed_order();
  story.tell(record_fulfillment_started{delivery_id{"dlv_1"}});
  return story;
}

order_story delivered_order() {
  auto story = dispatched_order();
  story.tell(record_delivered{courier_id{"cur_1"}});
  return story;
}

} // namespace

SCENARIO("an order goes from placed to completed step by step") {
  order_story story;
  CHECK_EQ(story.tell(a_place_command()), "order.placed");
  CHECK(story.state.total == euros(1300));
  CHECK(story.state.step_by == story.now + story.options.reserve);
  CHECK_EQ(steps_of(story), "reserve_stock");
  CHECK_EQ(story.tell(record_stock_reserved{}), "order.stock_reserved");
  CHECK_EQ(steps_of(story), "authorize_payment");
  CHECK_EQ(story.tell(record_payment_authorized{euros(1300)}), "order.payment_authorized order.confirmed");
  CHECK_EQ(steps_of(story), "request_delivery");
  CHECK_EQ(story.tell(record_fulfillment_started{delivery_id{"dlv_1"}}), "order.fulfillment_started");
  CHECK_EQ(steps_of(story), "await_delivery");
  CHECK_EQ(story.tell(record_delivered{courier_id{"cur_1"}}), "order.delivered");
  CHECK_EQ(steps_of(story), "capture_payment commit_stock");
  CHECK(story.state.step_by == story.now + story.options.settle);
  CHECK_EQ(story.tell(record_settled{euros(1300)}), "order.payment_captured order.completed");
  CHECK_EQ(word(story.state.status), "completed");
  CHECK_EQ(word(story.state.payment_status), "captured");
  CHECK_EQ(word(story.state.fulfillment_status), "delivered");
  CHECK_EQ(steps_of(story), "");
  CHECK(!story.state.step_by.has_value());
}

SCENARIO("the same request places an order once, another one under its id is refused") {
  auto story = placed_order();
  CHECK_EQ(story.tell(a_place_command()), "nothing");
  auto other = a_place_command();
  other.fingerprint = "other";
  CHECK_EQ(story.tell(other), "idempotency_key_reused");
}

SCENARIO("an order with impossible lines is not placed") {
  const auto refused = [](auto change) {
    auto cmd = a_place_command();
    change(cmd.lines);
    return order_story{}.tell(cmd) == "invalid_argument";
  };
  CHECK(refused([](auto& lines) { lines.clear(); }));
  CHECK(refused([](auto& lines) { lines[0].quantity = 0; }));
  CHECK(refused([](auto& lines) { lines[0].quantity = 10'001; }));
  CHECK(refused([](auto& lines) { lines.resize(101, lines[0]); }));
  CHECK(refused([](auto& lines) { lines[0].unit_price.currency = "USD"; }));
  CHECK(refused([](auto& lines) { lines[0].unit_price.amount = std::numeric_limits<std::int64_t>::max(); }));
  CHECK(!refused([](auto& lines) { lines.resize(100, lines[0]); }));
}

SCENARIO("an order whose stock is rejected gives back what it reserved and is rejected") {
  auto story = placed_order();
  CHECK_EQ(story.tell(record_stock_rejected{product_id{"prd_2"}, 1, 0}), "order.stock_rejected");
  CHECK_EQ(word(story.state.status), "placed");
  CHECK_EQ(steps_of(story), "release_stock");
  CHECK_EQ(story.tell(record_stock_reserved{}), "illegal_transition");
  CHECK_EQ(story.tell(request_cancel{"changed my mind"}), "illegal_transition");
  CHECK_EQ(story.tell(record_compensated{}), "order.rejected");
  CHECK_EQ(story.state.reason, "out_of_stock");
  CHECK_EQ(word(story.state.payment_status), "voided");
}

SCENARIO("a declined payment releases the stock") {
  auto story = reserved_order();
  CHECK_EQ(story.tell(record_payment_declined{"card_declined"}), "order.payment_declined");
  CHECK_EQ(steps_of(story), "release_stock");
  CHECK_EQ(story.tell(record_payment_authorized{euros(1300)}), "illegal_transition");
  CHECK_EQ(story.tell(record_compensated{}), "order.rejected");
  CHECK_EQ(story.state.reason, "card_declined");
  CHECK_EQ(word(story.state.payment_status), "declined");
  CHECK(!story.state.stock_reserved);
}

SCENARIO("an unknown payment is noted once and may still be authorised") {
  auto story = reserved_order();
  CHECK_EQ(story.tell(record_payment_unknown{}), "order.payment_unknown");
  CHECK_EQ(story.tell(record_payment_unknown{}), "nothing");
  CHECK_EQ(steps_of(story), "authorize_payment");
  CHECK_EQ(story.tell(record_payment_authorized{euros(1300)}), "order.payment_authorized order.confirmed");
}

SCENARIO("an authorisation of another amount than the total does not confirm the order") {
  CHECK_EQ(reserved_order().tell(record_payment_authorized{euros(1)}), "invalid_argument");
}

SCENARIO("a cancelled order is compensated in reverse order and holds nothing") {
  auto story = dispatched_order();
  CHECK_EQ(story.tell(request_cancel{"too slow"}), "order.cancel_requested");
  CHECK_EQ(steps_of(story), "cancel_delivery void_payment release_stock");
  CHECK_EQ(story.tell(request_cancel{"again"}), "nothing");
  CHECK_EQ(story.tell(record_compensated{euros(1300), euros(0)}), "order.compensated order.cancelled");
  CHECK_EQ(story.tell(record_compensated{euros(1300), euros(0)}), "nothing");
  CHECK_EQ(story.tell(request_cancel{"again"}), "nothing");
  CHECK_EQ(word(story.state.payment_status), "voided");
  CHECK_EQ(word(story.state.fulfillment_status), "cancelled");
  CHECK_EQ(story.state.reason, "too slow");
  CHECK(story.state.authorized.is_zero());
  CHECK(!story.state.stock_reserved);
}

SCENARIO("a cancellation that comes after the courier's start is taken back, and the delivered order is paid") {
  for (auto story : {confirmed_order(), dispatched_order()}) {
    story.tell(request_cancel{"too slow"});
    CHECK_EQ(story.tell(record_cancel_refused{delivery_id{"dlv_1"}, "it is delivered"}), "order.cancel_refused");
    CHECK_EQ(word(story.state.status), "fulfilling");
    CHECK_EQ(word(story.state.fulfillment_status), "requested");
    CHECK_EQ(story.state.reason, "");
    CHECK(story.state.step_by == story.now + story.options.deliver);
    CHECK_EQ(story.tell(record_cancel_refused{delivery_id{"dlv_1"}, "it is delivered"}), "nothing");
    CHECK_EQ(steps_of(story), "await_delivery");
    CHECK_EQ(story.tell(record_delivered{courier_id{"cur_1"}}), "order.delivered");
    CHECK_EQ(story.tell(request_cancel{"again"}), "illegal_transition");
    CHECK_EQ(story.tell(record_settled{euros(1300)}), "order.payment_captured order.completed");
  }
}

SCENARIO("a cancellation before anything was authorised is not taken back") {
  for (auto story : {placed_order(), reserved_order()}) {
    story.tell(request_cancel{});
    CHECK_EQ(story.tell(record_cancel_refused{delivery_id{"dlv_1"}, "no"}), "illegal_transition");
  }
}

SCENARIO("an order that has ended closes its payment and delivery status, also when neither was requested") {
  for (auto story : {placed_order(), reserved_order(), confirmed_order(), dispatched_order()}) {
    story.tell(request_cancel{"too slow"});
    story.tell(record_compensated{story.state.authorized, {}});
    CHECK_EQ(word(story.state.status), "cancelled");
    CHECK_EQ(word(story.state.payment_status), "voided");
    CHECK_EQ(word(story.state.fulfillment_status), "cancelled");
  }
  auto story = placed_order();
  story.tell(record_stock_rejected{product_id{"prd_1"}, 2, 1});
  story.tell(record_compensated{});
  CHECK_EQ(word(story.state.status), "rejected");
  CHECK_EQ(word(story.state.payment_status), "voided");
  CHECK_EQ(word(story.state.fulfillment_status), "cancelled");
}

SCENARIO("a step keeps its beginning, whatever is recorded afterwards") {
  auto story = placed_order();
  const auto placed_at = story.now;
  CHECK(step_began(story.state, story.options) == placed_at);
  story.wait(std::chrono::seconds{5});
  story.tell(record_stock_reserved{});
  const auto reserved_at = story.now;
  story.wait(std::chrono::seconds{9});
  story.tell(record_payment_unknown{});
  CHECK(step_began(story.state, story.options) == reserved_at);
  story.tell(record_payment_authorized{euros(1300)});
  CHECK(step_began(story.state, story.options) == story.now);
  story.wait(std::chrono::seconds{9});
  story.tell(record_fulfillment_started{delivery_id{"dlv_1"}});
  CHECK(step_began(story.state, story.options) == story.now);
}

SCENARIO("a cancellation undoes only what may have been done") {
  auto story = placed_order();
  story.tell(request_cancel{});
  CHECK_EQ(steps_of(story), "release_stock");
  story = reserved_order();
  story.tell(request_cancel{});
  CHECK_EQ(steps_of(story), "void_payment release_stock");
}

SCENARIO("a cancelled confirmed order also closes the delivery that it may just have requested") {
  auto story = confirmed_order();
  story.tell(request_cancel{});
  CHECK_EQ(steps_of(story), "cancel_delivery void_payment release_stock");
}

SCENARIO("a late answer of a step does not revive a cancelled order") {
  auto story = reserved_order();
  story.tell(request_cancel{});
  CHECK_EQ(story.tell(record_payment_authorized{euros(1300)}), "illegal_transition");
  CHECK_EQ(story.tell(record_payment_declined{"no"}), "illegal_transition");
  story.tell(record_compensated{});
  CHECK_EQ(story.tell(record_payment_authorized{euros(1300)}), "illegal_transition");
}

SCENARIO("a delivered order can no longer be cancelled") {
  auto story = delivered_order();
  CHECK_EQ(story.tell(request_cancel{}), "illegal_transition");
  CHECK_EQ(story.tell(record_delivery_failed{"late word"}), "illegal_transition");
  CHECK_EQ(story.tell(record_settled{euros(1299)}), "invalid_argument");
}

SCENARIO("an order that no courier could deliver is cancelled without asking the delivery again") {
  auto story = dispatched_order();
  CHECK_EQ(story.tell(record_delivery_failed{"no courier"}), "order.cancel_requested");
  CHECK_EQ(story.tell(record_delivery_failed{"no courier"}), "nothing");
  CHECK_EQ(steps_of(story), "void_payment release_stock");
  story.tell(record_compensated{euros(1300), {}});
  CHECK_EQ(word(story.state.fulfillment_status), "failed");
  CHECK_EQ(word(story.state.status), "cancelled");
}

SCENARIO("a step that is given up cancels the order while everything can be given back") {
  for (auto story : {placed_order(), reserved_order(), confirmed_order()}) {
    CHECK_EQ(story.tell(give_up_step{"the step's time is over"}), "order.cancel_requested");
    CHECK(story.state.step_by == story.now + story.options.compensate);
  }
}

SCENARIO("a step that cannot be taken back needs attention when it is given up") {
  auto story = delivered_order();
  CHECK_EQ(story.tell(give_up_step{"provider_refused"}), "order.needs_attention");
  CHECK_EQ(std::get<needs_attention>(story.log.back().second).step, "capture_payment");
  CHECK(!story.state.step_by.has_value());
  CHECK_EQ(steps_of(story), "");
  CHECK_EQ(story.tell(give_up_step{"again"}), "nothing");
}

SCENARIO("a compensation that is given up needs attention") {
  auto story = reserved_order();
  story.tell(record_payment_declined{"no"});
  CHECK_EQ(story.tell(give_up_step{"no stock actor"}), "order.needs_attention");
  story = confirmed_order();
  story.tell(request_cancel{});
  CHECK_EQ(story.tell(give_up_step{"no delivery actor"}), "order.needs_attention");
}

SCENARIO("a refusal names the command and both statuses") {
  const auto refused = confirmed_order().ask(record_settled{euros(1300)});
  REQUIRE(!refused.has_value());
  CHECK_EQ(refused.error().detail,
           "an order in the status confirmed cannot have its payment captured, which would lead to fulfilling");
  const auto said = [](std::string_view event, std::string_view from, std::string_view to, std::string_view because) {
    return refuse_transition(event, from, to, because).detail;
  };
  CHECK_EQ(said("order.retried/fulfilling", "completed", "fulfilling", {}),
           "an order in the status completed cannot be retried, which would lead to fulfilling");
  CHECK_EQ(said("order.cancel_requested", "fulfilling", "cancelling", "it is delivered"),
           "an order in the status fulfilling cannot be cancelled, which would lead to cancelling: it is delivered");
  CHECK_EQ(said("order.held", "completed", "completed", "an order is held before its dispatch"),
           "an order in the status completed cannot be held: an order is held before its dispatch");
  CHECK_EQ(said("delivery.started", "requested", "started", {}),
           "a delivery in the status requested cannot be started, which would lead to started");
}

SCENARIO("no event follows a final status, but the refunds of a completed order, which stays completed") {
  std::vector<std::string_view> types;
  boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, order::event>>(
    [&](auto type) { types.push_back(decltype(type)::type::type); });
  CHECK_EQ(types.size(), std::variant_size_v<order::event>);
  for (const auto last : {status::completed, status::rejected, status::cancelled})
    for (const auto type : types)
      if (last == status::completed && type.starts_with("order.refund"))
        CHECK(next_status(last, type) == last);
      else
        CHECK(!next_status(last, type).has_value());
}

// -- an operator's hand -----------------------------------------------------------------------------------------------

SCENARIO("G7: a retry repeats the failed step with a new deadline") {
  auto story = delivered_order();
  story.tell(give_up_step{"the bank is away"});
  CHECK_EQ(steps_of(story), "");
  story.wait(milliseconds{1'000'000});
  CHECK_EQ(story.tell(retry{"one", "the bank is back"}), "order.retried");
  CHECK_EQ(word(story.state.status), "fulfilling");
  CHECK_EQ(steps_of(story), "capture_payment commit_stock");
  CHECK(story.state.step_by == story.now + story.options.settle);
  CHECK_EQ(story.state.reason, "");
  CHECK_EQ(story.tell(record_settled{euros(1300)}), "order.payment_captured order.completed");
}

SCENARIO("a retried rejection and a retried cancellation keep their outcome and reason") {
  auto rejected = placed_order();
  rejected.tell(record_stock_rejected{product_id{"prd_1"}, 2, 1});
  rejected.tell(give_up_step{"stuck"});
  CHECK_EQ(rejected.tell(retry{"one", ""}), "order.retried");
  CHECK_EQ(steps_of(rejected), "release_stock");
  CHECK_EQ(rejected.tell(record_compensated{}), "order.rejected");
  CHECK_EQ(rejected.state.reason, "out_of_stock");
  auto cancelled = dispatched_order();
  cancelled.tell(request_cancel{"changed my mind"});
  cancelled.tell(give_up_step{"stuck"});
  CHECK_EQ(cancelled.tell(retry{"one", ""}), "order.retried");
  CHECK_EQ(cancelled.tell(record_compensated{euros(1300), {}}), "order.compensated order.cancelled");
  CHECK_EQ(cancelled.state.reason, "changed my mind");
}

SCENARIO("G3: one intent to retry is one retry, even when the order is stuck again") {
  auto story = delivered_order();
  story.tell(give_up_step{"stuck"});
  CHECK_EQ(story.tell(retry{"one", ""}), "order.retried");
  CHECK_EQ(story.tell(retry{"two", ""}), "nothing");
  story.tell(give_up_step{"stuck"});
  CHECK_EQ(story.tell(retry{"one", ""}), "nothing");
  CHECK_EQ(story.tell(retry{"two", ""}), "order.retried");
  CHECK_EQ(story.state.attention->retries, 2u);
}

SCENARIO("an order that has ended cannot be retried, and one that needs no attention cannot be resolved") {
  auto story = delivered_order();
  const resolve completed{status::completed, "by hand", payment_status::captured, euros(1300),
                          fulfillment_status::delivered};
  CHECK_EQ(story.tell(completed), "illegal_transition");
  story.tell(record_settled{euros(1300)});
  CHECK_EQ(story.tell(retry{"one", ""}), "illegal_transition");
  CHECK_EQ(story.tell(completed), "nothing");
  CHECK_EQ(story.tell(resolve{status::cancelled, "by hand"}), "illegal_transition");
}

SCENARIO("a resolved order gets the operator's outcome, and records its payment and delivery as they are") {
  auto paid_otherwise = delivered_order();
  paid_otherwise.tell(give_up_step{"capture_failed"});
  CHECK_EQ(paid_otherwise.tell(resolve{status::completed, "paid in cash", payment_status::voided, euros(0),
                                       fulfillment_status::delivered}),
           "order.resolved order.completed");
  CHECK_EQ(paid_otherwise.state.reason, "paid in cash");
  CHECK_EQ(word(paid_otherwise.state.payment_status), "voided");
  CHECK(paid_otherwise.state.authorized == euros(0));
  CHECK(paid_otherwise.state.attention->resolved);
  auto called_off = delivered_order();
  called_off.tell(give_up_step{"capture_failed"});
  CHECK_EQ(called_off.tell(resolve{status::cancelled, "goods came back", payment_status::voided, euros(0),
                                   fulfillment_status::delivered}),
           "order.resolved order.cancelled");
}

SCENARIO("an outcome that contradicts the money, the goods or the order's past is refused") {
  auto story = delivered_order();
  story.tell(give_up_step{"stuck"});
  using enum payment_status;
  using enum fulfillment_status;
  const auto refused = [&](const resolve& command) { return story.tell(command) == "illegal_transition"; };
  CHECK(refused({status::cancelled, "x", captured, euros(1300), delivered}));
  CHECK(refused({status::completed, "x", authorized, euros(0), delivered}));
  CHECK(refused({status::completed, "x", captured, euros(1301), delivered}));
  CHECK(refused({status::completed, "x", voided, euros(1), delivered}));
  CHECK(refused({status::completed, "x", captured, euros(1300), requested}));
  CHECK_EQ(story.tell(resolve{status::rejected, "x"}), "invalid_argument");
  CHECK_EQ(story.tell(resolve{status::cancelled, ""}), "invalid_argument");
  auto rejected = placed_order();
  rejected.tell(record_stock_rejected{product_id{"prd_1"}, 2, 1});
  rejected.tell(give_up_step{"stuck"});
  CHECK_EQ(rejected.tell(resolve{status::completed, "x", voided, euros(0), cancelled}), "illegal_transition");
  CHECK_EQ(rejected.tell(resolve{status::cancelled, "x", voided, euros(0), cancelled}),
           "order.resolved order.cancelled");
}
