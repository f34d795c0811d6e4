#define CAF_SUITE actors.saga_attempts
#include "tests/actors/support/order_with_saga.hpp"

#include "domain/base/errors.hpp"

using namespace waybill;
using namespace waybill::test;

SCENARIO("what is not answered in time is asked for again after a pause, only of those who have not answered") {
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

SCENARIO("an order that has gone another way, not durably yet, starts no further step") {
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

SCENARIO("a hold that nobody ends is given up at its deadline") {
  order_with_saga order;
  order.lead_by(order::record_stock_reserved{}, order::hold{{"operator", "usr_1"}, "looks odd"}, authorized);
  CHECK_EQ(order.saga.waits_for(), "");
  order.wait(order.story.options.hold);
  CHECK_EQ(order.recorded, "order.cancel_requested");
  CHECK_EQ(order.causation, "ord_1/the hold");
  CHECK_EQ(order.story.state.reason, "the hold: nobody released it in time");
}

SCENARIO("failures that a repetition cannot mend give the order up, all others are repeated") {
  const std::vector<ec> permanent{ec::illegal_transition, ec::provider_refused,  ec::out_of_stock,
                                  ec::not_found,          ec::product_withdrawn, ec::idempotency_key_reused,
                                  ec::invalid_argument};
  for (auto number = static_cast<int>(ec::not_found); number <= static_cast<int>(ec::cursor_expired); ++number) {
    const auto code = static_cast<ec>(number);
    const bool gives_up = std::find(permanent.begin(), permanent.end(), code) != permanent.end();
    auto order = cancelled_order();
    order.fail(step::cancel_delivery, code);
    CAF_MESSAGE(to_string(code));
    CHECK(order.story.state.status == (gives_up ? order::status::needs_attention : order::status::cancelling));
    CHECK_EQ(order.asked(), "");
    order.wait(short_pause);
    CHECK_EQ(order.asked(), gives_up ? "" : "cancel_delivery");
  }
}

SCENARIO("what was given up names the first of the due steps") {
  auto order = delivered_order();
  order.fail(step::commit_stock, ec::out_of_stock);
  CHECK_EQ(order.recorded, "order.needs_attention");
  CHECK_EQ(order.story.state.reason, "capture_payment: no");
}
