#define CAF_SUITE actors.saga_attempts
#include "tests/actors/support/order_with_saga.hpp"

#include "domain/base/errors.hpp"

using namespace waybill;
using namespace waybill::test;

SCENARIO("requests without an answer in time are repeated after a pause, and only those") {
  order_with_saga order;
  order.answer(step::reserve_stock, stock_answer{product_id{"prd_1"}, true, 0});
  order.open.clear();
  order.wait(1999ms);
  CHECK_EQ(order.asked(), "");
  order.wait(1ms);
  CHECK_EQ(order.asked(), "");
  CHECK(order.saga.due(order.story.state) == order.story.now + short_pause);
  order.wait(short_pause);
  CHECK_EQ(order.asked(), "reserve_stock");
  CHECK_EQ(order.saga.waits_for(), "reserve_stock (attempt 2)");
  order.answer(step::reserve_stock, stock_answer{product_id{"prd_2"}, true, 0});
  CHECK_EQ(order.recorded, "order.stock_reserved");
}

SCENARIO("a repeated step reports the reason once for each attempt after the first") {
  order_with_saga order;
  order.wait(2s);
  CHECK_EQ(order.retries, "");
  order.wait(short_pause);
  CHECK_EQ(order.retries, "reserve_stock:no_answer");
  order.open.clear();
  order.wait(2s);
  order.wait(2 * short_pause);
  order.fail(step::reserve_stock, ec::unavailable);
  order.open.clear();
  order.wait(3 * short_pause);
  CHECK_EQ(order.retries, "reserve_stock:no_answer reserve_stock:no_answer reserve_stock:unreachable");
  order.answer_all_stock(step::reserve_stock);
  order.answer(step::authorize_payment, payment_in(payment::status::authorizing));
  order.wait(short_pause);
  CHECK_EQ(order.retries.substr(order.retries.rfind(' ') + 1), "authorize_payment:undecided");
}

SCENARIO("a late answer to a former attempt changes nothing") {
  order_with_saga order;
  order.answer_all_stock(step::reserve_stock);
  const auto former = order.next(step::authorize_payment).attempt;
  order.wait(2s);
  order.wait(short_pause);
  CHECK_EQ(order.asked(), "authorize_payment");
  const auto late = payment_in(payment::status::declined);
  const auto actions = order.saga.on_answer(order.story.state, order.story.now, former, late);
  CHECK(actions.requests.empty() && !actions.record);
  const auto failed = order.saga.on_failure(order.story.state, order.story.now, former, {ec::not_found, ""});
  CHECK(failed.requests.empty() && !failed.record);
  order.answer(step::authorize_payment, payment_in(payment::status::authorized));
  CHECK(order.story.state.status == order::status::confirmed);
}

SCENARIO("an answer that comes between two attempts counts") {
  order_with_saga order;
  order.answer_all_stock(step::reserve_stock);
  order.wait(2s);
  order.answer(step::authorize_payment, payment_in(payment::status::authorized));
  CHECK(order.story.state.status == order::status::confirmed);
}

SCENARIO("an answer that comes twice counts once") {
  order_with_saga order;
  order.answer_all_stock(step::reserve_stock);
  const auto attempt = order.next(step::authorize_payment).attempt;
  const auto payment = payment_in(payment::status::authorized);
  const auto first = order.saga.on_answer(order.story.state, order.story.now, attempt, payment);
  CHECK(first.record);
  const auto second = order.saga.on_answer(order.story.state, order.story.now, attempt, payment);
  CHECK(second.requests.empty() && !second.record);
}

SCENARIO("an answer from before the order was loaded again changes nothing") {
  order_with_saga order;
  const auto former = order.next(step::reserve_stock).attempt;
  order.open.clear();
  order.saga.forget();
  CHECK_EQ(order.saga.waits_for(), "");
  order.follow();
  CHECK_EQ(order.asked(), "reserve_stock reserve_stock");
  const stock_answer rejection{product_id{"prd_1"}, false, 0};
  const auto actions = order.saga.on_answer(order.story.state, order.story.now, former, rejection);
  CHECK(actions.requests.empty() && !actions.record);
}

SCENARIO("an order whose change of course is not durable yet starts no further step") {
  auto order = delivered_order();
  const auto capture = order.next(step::capture_payment).attempt;
  for (const auto* product : {"prd_1", "prd_2"})
    order.take(order.saga.on_answer(order.story.state, order.story.now, order.next(step::commit_stock).attempt,
                                    stock_answer{product_id{product}, true, 0}));
  order.story.tell(order::give_up_step{"too long"});
  order.recorded.clear();
  order.take(order.saga.on_answer(order.story.state, order.story.now, capture, payment_in(payment::status::captured)));
  CHECK_EQ(order.recorded, "");
}

SCENARIO("an order is given up at its deadline and compensates") {
  order_with_saga order;
  order.open.clear();
  order.wait(order.story.options.reserve - 1ms);
  CHECK_EQ(order.recorded, "");
  order.wait(1ms);
  CHECK_EQ(order.recorded, "order.cancel_requested");
  CHECK_EQ(order.causation, "ord_1/reserve_stock");
  CHECK_EQ(order.story.state.reason, "reserve_stock: it took too long");
}

SCENARIO("a cancellation that the delivery refuses is taken back, and the order goes on to the capture") {
  order_with_saga order;
  order.lead_by(order::record_stock_reserved{}, authorized);
  // The delivery was requested, but that is not recorded: the node was killed in between.
  order.open.clear();
  order.lead_by(order::request_cancel{"changed my mind"});
  order.fail(step::cancel_delivery, ec::illegal_transition);
  CHECK_EQ(order.recorded, "order.cancel_refused");
  CHECK_EQ(order.causation, "ord_1/cancel_delivery");
  CHECK_EQ(order.asked(), "await_delivery");
  order.answer(step::await_delivery, delivery_in(delivery::status::completed));
  CHECK_EQ(order.recorded, "order.delivered");
  order.answer(step::capture_payment, payment_in(payment::status::captured));
  order.answer_all_stock(step::commit_stock);
  CHECK_EQ(order.recorded, "order.payment_captured order.completed");
}

SCENARIO("an order whose dispatch took too long, but was delivered meanwhile, goes on to the capture as well") {
  order_with_saga order;
  order.lead_by(order::record_stock_reserved{}, authorized, order::give_up_step{"request_delivery: it took too long"});
  order.open.clear();
  order.saga.forget();
  order.follow();
  order.fail(step::cancel_delivery, ec::illegal_transition);
  CHECK(order.story.state.status == order::status::fulfilling);
}

SCENARIO("G10: a step is tried before it is given up, also by a saga that begins after the deadline") {
  order_with_saga order;
  order.open.clear();
  order.saga.forget();
  order.story.wait(24h);
  order.follow();
  CHECK_EQ(order.asked(), "reserve_stock reserve_stock");
  order.wait(1s);
  CHECK_EQ(order.recorded, "");
  order.answer_all_stock(step::reserve_stock);
  CHECK_EQ(order.recorded, "order.stock_reserved");
}

SCENARIO("G7, G10: a step that was tried after its deadline and got no answer is given up") {
  order_with_saga order;
  order.open.clear();
  order.saga.forget();
  order.story.wait(24h);
  order.follow();
  order.wait(2s);
  CHECK_EQ(order.recorded, "order.cancel_requested");
}

SCENARIO("G10: a request that reached no owner is no attempt, but a step does not wait for an owner without end") {
  order_with_saga order;
  order.open.clear();
  order.saga.forget();
  order.story.wait(24h);
  order.follow();
  order.fail(step::reserve_stock, ec::unavailable);
  order.wait(short_pause);
  CHECK_EQ(order.recorded, "");
  order.open.clear();
  for (int i = 0; i < 10 && order.recorded.empty(); ++i)
    order.wait(500ms);
  CHECK_EQ(order.recorded, "order.cancel_requested");
}

SCENARIO("G10: absences move the deadline, and no deadline fires during an absence") {
  std::optional<fair_deadline> fair;
  order_with_saga order;
  order.saga =
    order_saga{{{30s, 2s}, 3s, [](std::uint32_t) { return short_pause; }, [&](const auto&, role_set) { return fair; }}};
  order.follow();
  for (int i = 0; i < 100; ++i)
    order.wait(1s);
  CHECK_EQ(order.recorded, "");
  fair = fair_deadline{order.story.now + 20s, order.story.now};
  order.wait(19s);
  CHECK_EQ(order.recorded, "");
  CHECK(order.saga.due(order.story.state) <= order.story.now + 1s);
  for (int i = 0; i < 4; ++i)
    order.wait(1s);
  CHECK_EQ(order.recorded, "order.cancel_requested");
}

SCENARIO("G10: a delivery whose message may be lost in an absence is asked before its order is given up") {
  std::optional<fair_deadline> fair;
  order_with_saga order;
  order.saga =
    order_saga{{{30s, 2s}, 3s, [](std::uint32_t) { return short_pause; }, [&](const auto&, role_set) { return fair; }}};
  order.open.clear();
  order.lead_by(order::record_stock_reserved{}, authorized, started);
  order.story.wait(6s);
  order.answer(step::await_delivery, delivery_in(delivery::status::started));
  CHECK(order.saga.only_waits(order.story.state));
  order.story.wait(24h);
  fair = fair_deadline{order.story.now - 1h, order.story.now - 1min};
  order.wait(1s);
  CHECK_EQ(order.recorded, "");
  CHECK_EQ(order.asked(), "await_delivery");
  order.answer(step::await_delivery, delivery_in(delivery::status::started));
  order.wait(1s);
  CHECK_EQ(order.recorded, "order.needs_attention");
}

SCENARIO("a hold that nobody ends is given up at its deadline") {
  order_with_saga order;
  order.lead_by(order::record_stock_reserved{}, order::hold{{"operator", "usr_1"}, "looks odd"}, authorized);
  CHECK_EQ(order.saga.waits_for(), "");
  order.wait(order.story.options.hold);
  CHECK_EQ(order.recorded, "order.cancel_requested");
  CHECK_EQ(order.causation, "ord_1/the hold");
  CHECK_EQ(order.story.state.reason, "the hold: nobody released it in time");
}

SCENARIO("permanent failures give the order up, all others are repeated") {
  const std::vector<ec> permanent{ec::illegal_transition, ec::provider_refused,  ec::out_of_stock,
                                  ec::not_found,          ec::product_withdrawn, ec::idempotency_key_reused,
                                  ec::invalid_argument};
  for (auto number = static_cast<int>(ec::not_found); number <= static_cast<int>(ec::cursor_expired); ++number) {
    const auto code = static_cast<ec>(number);
    const bool gives_up = std::find(permanent.begin(), permanent.end(), code) != permanent.end();
    auto order = cancelled_order();
    order.fail(step::cancel_delivery, code);
    CAF_MESSAGE(to_string(code));
    const auto given_up = code == ec::illegal_transition ? order::status::fulfilling : order::status::needs_attention;
    CHECK(order.story.state.status == (gives_up ? given_up : order::status::cancelling));
    if (code == ec::illegal_transition)
      continue;
    CHECK_EQ(order.asked(), "");
    order.wait(short_pause);
    CHECK_EQ(order.asked(), gives_up ? "" : "cancel_delivery");
  }
}

SCENARIO("a given-up order names the first of its due steps") {
  auto order = delivered_order();
  order.fail(step::commit_stock, ec::out_of_stock);
  CHECK_EQ(order.recorded, "order.needs_attention");
  CHECK_EQ(order.story.state.reason, "capture_payment: no");
}
