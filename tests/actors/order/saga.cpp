#define CAF_SUITE actors.saga
#include "tests/actors/support/order_with_saga.hpp"

#include "domain/base/errors.hpp"

using namespace waybill;
using namespace waybill::test;

SCENARIO("an order asks for its steps one after the other until it is complete") {
  order_with_saga order;
  order.answer_all_stock(step::reserve_stock);
  CHECK_EQ(order.recorded, "order.stock_reserved");
  CHECK_EQ(order.causation, "ord_1/reserve_stock");
  CHECK_EQ(order.asked(), "authorize_payment");
  order.answer(step::authorize_payment, payment_in(payment::status::authorized));
  CHECK_EQ(order.recorded, "order.payment_authorized order.confirmed");
  CHECK_EQ(order.asked(), "request_delivery");
  order.answer(step::request_delivery, delivery_in(delivery::status::requested));
  CHECK_EQ(order.recorded, "order.fulfillment_started");
  CHECK_EQ(order.asked(), "await_delivery");
  order.answer(step::await_delivery, delivery_in(delivery::status::completed));
  CHECK_EQ(order.recorded, "order.delivered");
  CHECK_EQ(order.causation, "dlv_1");
  CHECK_EQ(order.asked(), "capture_payment commit_stock commit_stock");
  order.answer(step::capture_payment, payment_in(payment::status::captured));
  order.answer_all_stock(step::commit_stock);
  CHECK_EQ(order.recorded, "order.payment_captured order.completed");
  CHECK_EQ(order.causation, "ord_1/settle");
  CHECK_EQ(order.asked(), "");
  CHECK(!order.saga.due(order.story.state));
}

SCENARIO("each product is reserved once, with the quantity of all its lines, and only until the request times out") {
  auto placed = a_place_command();
  placed.lines.push_back(placed.lines.front());
  order_with_saga order{placed};
  CHECK_EQ(order.asked(), "reserve_stock reserve_stock");
  const auto first = message_of<reserve_stock, stock_request>(order.next(step::reserve_stock));
  CHECK_EQ(first.product.value, "prd_1");
  CHECK_EQ(first.order.value, "ord_1");
  CHECK_EQ(first.quantity, 4);
  CHECK(first.reserve_by == order.story.now + 2s);
}

SCENARIO("capture and commit run in parallel, in whichever order they are answered") {
  auto order = delivered_order();
  CHECK_EQ(order.asked(), "capture_payment commit_stock commit_stock");
  order.answer_all_stock(step::commit_stock);
  CHECK_EQ(order.recorded, "");
  order.answer(step::capture_payment, payment_in(payment::status::captured));
  CHECK_EQ(order.recorded, "order.payment_captured order.completed");
  CHECK_EQ(order.story.state.captured.amount, 1300);
}

SCENARIO("missing stock of one product rejects the order at once, and all reservations are released") {
  order_with_saga order;
  order.answer(step::reserve_stock, stock_answer{product_id{"prd_2"}, false, 0});
  CHECK_EQ(order.recorded, "order.stock_rejected");
  CHECK_EQ(order.story.state.reason, "out_of_stock");
  order.open.erase(order.open.begin());
  CHECK_EQ(order.asked(), "release_stock release_stock");
  order.answer_all_stock(step::release_stock);
  CHECK_EQ(order.recorded, "order.rejected");
  CHECK_EQ(order.causation, "ord_1/compensate");
}

SCENARIO("a payment that is unknown is recorded as such and asked for again, and may then be authorised") {
  order_with_saga order;
  order.answer_all_stock(step::reserve_stock);
  auto unknown = payment_in(payment::status::authorizing);
  unknown.under_way = payment::intent{};
  unknown.under_way->unknown = true;
  order.answer(step::authorize_payment, unknown);
  CHECK_EQ(order.recorded, "order.payment_unknown");
  CHECK_EQ(order.asked(), "");
  order.wait(short_pause);
  CHECK_EQ(order.asked(), "authorize_payment");
  order.answer(step::authorize_payment, payment_in(payment::status::authorized));
  CHECK_EQ(order.recorded, "order.payment_authorized order.confirmed");
}

SCENARIO("a declined payment rejects the order, and its stock is released") {
  order_with_saga order;
  order.answer_all_stock(step::reserve_stock);
  order.answer(step::authorize_payment, payment_in(payment::status::declined));
  CHECK_EQ(order.recorded, "order.payment_declined");
  CHECK_EQ(order.asked(), "release_stock release_stock");
}

SCENARIO("a confirmed order is not dispatched before its time") {
  order_with_saga order;
  order.story.options.grace = 60s;
  order.lead_by(order::record_stock_reserved{}, authorized);
  order.open.clear();
  CHECK_EQ(order.saga.waits_for(), "request_delivery (attempt 0)");
  CHECK(order.saga.due(order.story.state) == order.story.now + 60s);
  order.wait(59s);
  CHECK_EQ(order.asked(), "");
  order.wait(1s);
  CHECK_EQ(order.asked(), "request_delivery");
}

SCENARIO("a delivery is polled at intervals, and at once when it has ended") {
  order_with_saga order;
  order.lead_by(order::record_stock_reserved{}, authorized, started);
  order.open.erase(order.open.begin(), order.open.begin() + 2);
  order.answer(step::await_delivery, delivery_in(delivery::status::assigned));
  CHECK(order.saga.due(order.story.state) == order.story.now + 3s);
  order.take(order.saga.on_delivery_ended(order.story.state, order.story.now));
  CHECK_EQ(order.asked(), "await_delivery");
  order.answer(step::await_delivery, delivery_in(delivery::status::failed));
  CHECK_EQ(order.recorded, "order.cancel_requested");
  CHECK_EQ(order.story.state.reason, "the delivery was cancelled");
}

SCENARIO("a delivery that takes long is not polled any more; one that cannot be reached is polled again") {
  order_with_saga order;
  order.lead_by(order::record_stock_reserved{}, authorized, started);
  order.open.erase(order.open.begin(), order.open.begin() + 2);
  CHECK(!order.saga.only_waits(order.story.state));
  order.answer(step::await_delivery, delivery_in(delivery::status::started));
  CHECK(!order.saga.only_waits(order.story.state));
  order.wait(3s);
  order.answer(step::await_delivery, delivery_in(delivery::status::started));
  order.wait(3s);
  order.answer(step::await_delivery, delivery_in(delivery::status::started));
  CHECK(order.saga.only_waits(order.story.state));
  CHECK(order.saga.due(order.story.state) == order.story.state.step_by);
  order.wait(60s);
  CHECK_EQ(order.asked(), "");
  order.take(order.saga.on_delivery_ended(order.story.state, order.story.now));
  CHECK(!order.saga.only_waits(order.story.state));
  order.fail(step::await_delivery, ec::unavailable);
  CHECK(!order.saga.only_waits(order.story.state));
  order.wait(short_pause * 10);
  CHECK_EQ(order.asked(), "await_delivery");
}

SCENARIO("an order that is held or in its grace only waits") {
  order_with_saga order;
  order.story.options.grace = 60s;
  order.lead_by(order::record_stock_reserved{}, authorized);
  CHECK(order.saga.only_waits(order.story.state));
  order.lead_by(order::hold{{"user", "usr_1"}, "a question"});
  CHECK(order.saga.only_waits(order.story.state));
  CHECK(order.saga.due(order.story.state) == order.story.state.step_by);
}

// -- compensations ----------------------------------------------------------------------------------------------------

SCENARIO("a cancelled order gives back in reverse order, one step after the other") {
  auto order = cancelled_order();
  CHECK_EQ(order.asked(), "cancel_delivery");
  order.answer(step::cancel_delivery, delivery_in(delivery::status::cancelled));
  CHECK_EQ(order.asked(), "void_payment");
  order.answer(step::void_payment, payment_in(payment::status::voided));
  CHECK_EQ(order.asked(), "release_stock release_stock");
  order.answer_all_stock(step::release_stock);
  CHECK_EQ(order.recorded, "order.compensated order.cancelled");
  const auto& compensated = std::get<order::compensated>(order.story.log.end()[-2].second);
  CHECK_EQ(compensated.voided.amount, 1300);
}

SCENARIO("a payment that is still being voided holds up the release of the stock") {
  auto order = cancelled_order();
  order.answer(step::cancel_delivery, delivery_in(delivery::status::cancelled));
  order.answer(step::void_payment, payment_in(payment::status::voiding));
  CHECK_EQ(order.asked(), "");
  order.wait(short_pause);
  CHECK_EQ(order.asked(), "void_payment");
}
