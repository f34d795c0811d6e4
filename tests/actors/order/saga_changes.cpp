#define CAF_SUITE actors.saga_changes
#include "tests/actors/support/order_with_saga.hpp"

#include "domain/base/errors.hpp"

using namespace waybill;
using namespace waybill::test;

namespace {

/// A held order of which one product only is wanted, and less to be paid.
order_with_saga revised_order() {
  order_with_saga order;
  order.lead_by(order::record_stock_reserved{}, order::hold{{"operator", "usr_1"}, "looks odd"}, authorized);
  order.open.clear();
  const std::vector<order::line> lines{{product_id{"prd_2"}, "CUP", "Cup", 2, euros(300)}};
  order.lead_by(order::revise{"intent", lines, {}, {}});
  return order;
}

order_with_saga refunded_order() {
  auto order = delivered_order();
  order.lead_by(order::record_settled{euros(1300)});
  order.open.clear();
  order.lead_by(order::request_refund{refund_id{"rfd_1"}, euros(500), "broken", {}},
                order::request_refund{refund_id{"rfd_2"}, euros(300), "broken too", {}});
  return order;
}

payment::state payment_with_refund(payment::refund_status status) {
  auto payment = payment_in(payment::status::captured);
  payment.refunds = {{refund_id{"rfd_1"}, euros(500), status, "refund_failed"}};
  return payment;
}

} // namespace

// -- revisions --------------------------------------------------------------------------------------------------------

SCENARIO("a revision reserves, then authorises under its own number, then gives back what the order had") {
  auto order = revised_order();
  const auto request = order.next(step::reserve_revision);
  const auto reserve = message_of<reserve_stock, stock_request>(request);
  CHECK_EQ(reserve.order.value, "ord_1.1");
  CHECK_EQ(reserve.quantity, 2);
  order.open.push_back(request);
  order.answer(step::reserve_revision, stock_answer{product_id{"prd_2"}, true, 0});
  const auto authorize = order.next(step::authorize_revision);
  CHECK_EQ((message_of<authorize_payment, payment_request>(authorize).id.value), "pay_1.1");
  order.open.push_back(authorize);
  order.answer(step::authorize_revision, payment_in(payment::status::authorized, 600));
  CHECK_EQ(order.recorded, "order.revised");
  CHECK_EQ(order.causation, "ord_1/revise");
  CHECK_EQ(order.asked(), "return_payment");
  order.answer(step::return_payment, payment_in(payment::status::voided));
  CHECK_EQ(order.asked(), "return_stock return_stock");
  const auto release = message_of<release_stock, stock_request>(order.open.front());
  CHECK_EQ(release.order.value, "ord_1");
  CHECK(release.reserve_by == order.story.state.created_at + 30s);
  order.answer_all_stock(step::return_stock);
  CHECK_EQ(order.recorded, "order.revision_closed");
  CHECK_EQ(order.asked(), "");
}

SCENARIO("a revision is refused when stock is missing, and what it got is given back") {
  auto order = revised_order();
  order.answer(step::reserve_revision, stock_answer{product_id{"prd_2"}, false, 1});
  CHECK_EQ(order.recorded, "order.revision_refused");
  CHECK_EQ(order.story.state.revisions->refused->detail, "of prd_2 1 are available");
  CHECK_EQ(order.asked(), "return_payment");
}

SCENARIO("a revision is refused when its payment is declined, or its authorisation fails for good") {
  for (const bool declined : {true, false}) {
    auto order = revised_order();
    order.answer(step::reserve_revision, stock_answer{product_id{"prd_2"}, true, 0});
    if (declined)
      order.answer(step::authorize_revision, payment_in(payment::status::declined));
    else
      order.fail(step::authorize_revision, ec::provider_refused);
    CHECK_EQ(order.recorded, "order.revision_refused");
    CHECK(order.story.state.revisions->refused->because == order::refusal::payment_declined);
  }
}

SCENARIO("a revision is refused at its deadline, and the order goes on as it was") {
  auto order = revised_order();
  order.wait(order.story.options.revise);
  CHECK_EQ(order.recorded, "order.revision_refused");
  CHECK(order.story.state.revisions->refused->because == order::refusal::too_late);
  CHECK_EQ(order.story.state.total.amount, 1300);
}

// -- refunds ----------------------------------------------------------------------------------------------------------

SCENARIO("refunds are made one after the other") {
  auto order = refunded_order();
  const auto first = order.next(step::refund_payment);
  CHECK_EQ((message_of<refund_payment, payment_request>(first).refund.value), "rfd_1");
  CHECK_EQ(order.asked(), "");
  order.open.push_back(first);
  order.answer(step::refund_payment, payment_with_refund(payment::refund_status::refunded));
  CHECK_EQ(order.recorded, "order.refunded");
  CHECK_EQ((message_of<refund_payment, payment_request>(order.next(step::refund_payment)).refund.value), "rfd_2");
}

SCENARIO("a refund that is declined, or fails for good, is recorded as declined, and the order stays complete") {
  for (const bool answered : {true, false}) {
    auto order = refunded_order();
    if (answered)
      order.answer(step::refund_payment, payment_with_refund(payment::refund_status::declined));
    else
      order.fail(step::refund_payment, ec::provider_refused);
    CHECK_EQ(order.recorded, "order.refund_declined");
    CHECK_EQ(order.causation, "ord_1/refund_payment");
    CHECK_EQ(order.story.state.refunds->front().decline_reason, answered ? "refund_failed" : "no");
    CHECK(order.story.state.status == order::status::completed);
  }
}

SCENARIO("a refund that is under way is asked for again") {
  auto order = refunded_order();
  order.answer(step::refund_payment, payment_with_refund(payment::refund_status::pending));
  CHECK_EQ(order.asked(), "");
  order.wait(short_pause);
  CHECK_EQ(order.asked(), "refund_payment");
}
