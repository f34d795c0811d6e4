#include "domain/order/parts.hpp"

#include "tests/domain/story.hpp"

#define CAF_SUITE domain.order_changes
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using waybill::testing::a_place_command;
using waybill::testing::euros;
using waybill::testing::order_story;

namespace {

const order::person an_operator{"operator", "usr_1"};

/// An order of 13 euros; `grace`: confirmed ones wait a minute for their dispatch.
order_story placed_story(bool grace = false) {
  order_story story;
  if (grace)
    story.options.grace = milliseconds{60'000};
  story.tell(a_place_command());
  return story;
}

order_story confirmed_story(bool grace = true) {
  auto story = placed_story(grace);
  story.tell(order::record_stock_reserved{});
  story.tell(order::record_payment_authorized{story.state.total});
  return story;
}

order_story completed_story() {
  auto story = confirmed_story(false);
  story.tell(order::record_fulfillment_started{delivery_id{"dlv_1"}});
  story.tell(order::record_delivered{courier_id{"cur_1"}});
  story.tell(order::record_settled{story.state.total});
  return story;
}

order::request_refund refund(const std::string& id, std::optional<money> amount = {}) {
  return {refund_id{id}, std::move(amount), "broken", an_operator};
}

/// One piece of tea more than in the order.
order::revise more_tea(const std::string& intent = "intent") {
  auto lines = a_place_command().lines;
  ++lines[0].quantity;
  return {intent, lines, {}, {}};
}

} // namespace

// -- refunds ----------------------------------------------------------------------------------------------------------

SCENARIO("I1: several refunds, pending ones included, give back no more than was captured") {
  auto story = completed_story();
  CHECK_EQ(story.tell(refund("rfd_1", euros(500))), "order.refund_requested");
  CHECK_EQ(story.tell(refund("rfd_2", euros(801))), "invalid_argument");
  CHECK_EQ(story.tell(refund("rfd_2", euros(0))), "invalid_argument");
  CHECK_EQ(story.tell(refund("rfd_2", money{1, "USD"})), "invalid_argument");
  CHECK_EQ(story.tell(refund("rfd_2", euros(800))), "order.refund_requested");
  CHECK_EQ(story.tell(refund("rfd_3")), "illegal_transition");
  CHECK_EQ(story.tell(order::record_refunded{refund_id{"rfd_1"}}), "order.refunded");
  CHECK_EQ(story.state.payment_status, order::payment_status::partially_refunded);
  CHECK_EQ(story.state.refunded, euros(500));
  CHECK_EQ(story.tell(order::record_refunded{refund_id{"rfd_2"}}), "order.refunded");
  CHECK_EQ(story.state.payment_status, order::payment_status::refunded);
  CHECK_EQ(story.state.status, order::status::completed);
  CHECK(!order::has_work(story.state));
}

SCENARIO("a refund without an amount pays back the rest, and a declined amount can be refunded again") {
  auto story = completed_story();
  story.tell(refund("rfd_1", euros(300)));
  story.tell(order::record_refunded{refund_id{"rfd_1"}});
  story.tell(refund("rfd_2"));
  CHECK_EQ(story.state.refunds->back().amount, euros(1000));
  CHECK(order::has_work(story.state));
  CHECK_EQ(story.tell(order::record_refund_declined{refund_id{"rfd_2"}, "account_closed"}), "order.refund_declined");
  CHECK_EQ(story.state.payment_status, order::payment_status::partially_refunded);
  CHECK_EQ(story.tell(refund("rfd_3")), "order.refund_requested");
  CHECK_EQ(story.state.refunds->back().amount, euros(1000));
}

SCENARIO("G3: the same refund again changes nothing, another one under its id is refused") {
  auto story = completed_story();
  story.tell(refund("rfd_1", euros(300)));
  CHECK_EQ(story.tell(refund("rfd_1", euros(300))), "nothing");
  CHECK_EQ(story.tell(refund("rfd_1", euros(301))), "idempotency_key_reused");
  CHECK_EQ(story.tell(refund("rfd_1")), "idempotency_key_reused");
  story.tell(order::record_refunded{refund_id{"rfd_1"}});
  CHECK_EQ(story.tell(refund("rfd_1", euros(300))), "nothing");
  CHECK_EQ(story.tell(order::record_refunded{refund_id{"rfd_1"}}), "nothing");
  CHECK_EQ(story.tell(order::record_refund_declined{refund_id{"rfd_1"}, "no"}), "illegal_transition");
}

SCENARIO("an order whose money was not captured cannot be refunded") {
  for (auto story : {placed_story(), confirmed_story()})
    CHECK_EQ(story.tell(refund("rfd_1")), "illegal_transition");
}

// -- holds ------------------------------------------------------------------------------------------------------------

SCENARIO("a held order is confirmed and not dispatched, until it is released") {
  auto story = placed_story();
  CHECK_EQ(story.tell(order::hold{an_operator, "looks odd"}), "order.held");
  CHECK_EQ(story.tell(order::hold{an_operator, "looks very odd"}), "nothing");
  CHECK_EQ(story.state.hold->reason, "looks odd");
  story.tell(order::record_stock_reserved{});
  story.tell(order::record_payment_authorized{story.state.total});
  CHECK_EQ(story.state.status, order::status::confirmed);
  CHECK(order::due_steps(story.state).empty());
  CHECK(story.state.step_by == story.state.created_at + story.options.hold);
  story.wait(milliseconds{60'000});
  CHECK_EQ(story.tell(order::release{an_operator, "all is well"}), "order.released");
  CHECK(story.state.step_by == story.now + story.options.dispatch);
  CHECK(order::due_steps(story.state) == std::vector{order::step::request_delivery});
}

SCENARIO("G7: an order that nobody releases is given up, and several holds do not last longer than one") {
  auto story = placed_story();
  story.tell(order::hold{an_operator, "looks odd"});
  story.tell(order::release{an_operator, "it does not"});
  story.wait(story.options.hold - milliseconds{1});
  CHECK_EQ(story.tell(order::hold{an_operator, "it does"}), "order.held");
  CHECK(story.state.hold->until == story.state.created_at + story.options.hold);
  auto late = placed_story();
  late.wait(late.options.hold);
  CHECK_EQ(late.tell(order::hold{an_operator, "too late"}), "illegal_transition");
  auto forgotten = confirmed_story();
  forgotten.tell(order::hold{an_operator, "looks odd"});
  CHECK_EQ(forgotten.tell(order::give_up_step{"nobody released it in time"}), "order.cancel_requested");
  CHECK(!forgotten.state.hold);
}

SCENARIO("an order that may have been dispatched cannot be held, changed or revised any more") {
  auto story = confirmed_story(false);
  CHECK_EQ(story.tell(order::hold{an_operator, "looks odd"}), "illegal_transition");
  CHECK_EQ(story.tell(order::change{order::recipient{"Ada", "2 Main Street"}, {}}), "illegal_transition");
  CHECK_EQ(story.tell(more_tea()), "illegal_transition");
  auto waiting = confirmed_story(true);
  waiting.wait(milliseconds{60'000});
  CHECK_EQ(waiting.tell(order::hold{an_operator, "looks odd"}), "illegal_transition");
}

SCENARIO("a held order can be cancelled, and is no longer held then") {
  auto story = confirmed_story();
  story.tell(order::hold{an_operator, "looks odd"});
  CHECK_EQ(story.tell(order::request_cancel{"changed my mind"}), "order.cancel_requested");
  CHECK(!story.state.hold);
  CHECK_EQ(story.tell(order::release{an_operator, "never mind"}), "illegal_transition");
}

// -- changes ----------------------------------------------------------------------------------------------------------

SCENARIO("a change records only new values, and no event without one") {
  auto story = placed_story();
  CHECK_EQ(story.tell(order::change{story.state.delivery, story.state.note}), "nothing");
  CHECK_EQ(story.tell(order::change{order::recipient{"Ada", "2 Main Street"}, "ring"}), "order.changed");
  CHECK_EQ(story.state.delivery.address, "2 Main Street");
  CHECK_EQ(story.tell(order::change{{}, "ring twice"}), "order.changed");
  CHECK_EQ(story.state.note, "ring twice");
  CHECK_EQ(story.state.delivery.address, "2 Main Street");
}

// -- revisions --------------------------------------------------------------------------------------------------------

SCENARIO("revised lines take effect in one event, and the old ones are given back before the dispatch") {
  auto story = confirmed_story();
  CHECK_EQ(story.tell(more_tea()), "order.revision_requested");
  CHECK_EQ(story.state.total, euros(1300));
  CHECK(order::due_steps(story.state) == (std::vector{order::step::reserve_revision, order::step::authorize_revision}));
  CHECK_EQ(story.tell(order::record_revised{1}), "order.revised");
  CHECK_EQ(story.state.total, euros(1800));
  CHECK_EQ(story.state.authorized, euros(1800));
  CHECK_EQ(story.state.lines[0].quantity, 3);
  CHECK(order::due_steps(story.state) == (std::vector{order::step::return_payment, order::step::return_stock}));
  CHECK_EQ(story.state.revisions->leftover->stock, 0u);
  CHECK_EQ(story.tell(order::record_revision_closed{1}), "order.revision_closed");
  CHECK(order::due_steps(story.state) == std::vector{order::step::request_delivery});
  CHECK_EQ(order::payment_of(order_id{"ord_1"}, story.state.revisions->payment).value, "pay_1.1");
}

SCENARIO("a refused revision leaves the order as it was, and gives back what it had reserved and authorised") {
  auto story = confirmed_story();
  story.tell(more_tea());
  CHECK_EQ(story.tell(order::record_revision_refused{1, order::refusal::out_of_stock, "none"}),
           "order.revision_refused");
  CHECK_EQ(story.state.total, euros(1300));
  CHECK_EQ(story.state.revisions->leftover->stock, 1u);
  CHECK_EQ(story.tell(more_tea("another")), "conflict");
  story.tell(order::record_revision_closed{1});
  CHECK_EQ(story.state.revisions->stock, 0u);
  CHECK_EQ(story.tell(more_tea("another")), "order.revision_requested");
  CHECK_EQ(story.state.revisions->last, 2u);
}

SCENARIO("lines of the same price need no other authorisation") {
  auto story = confirmed_story();
  auto revision = more_tea();
  revision.lines = {{product_id{"prd_3"}, "POT", "Pot", 1, euros(1300)}};
  story.tell(revision);
  CHECK(order::due_steps(story.state) == std::vector{order::step::reserve_revision});
  story.tell(order::record_revised{1});
  CHECK(order::due_steps(story.state) == std::vector{order::step::return_stock});
  CHECK_EQ(story.state.revisions->payment, 0u);
}

SCENARIO("G3: a repeated revision is recognised by its intent, or by its lines while it is under way") {
  auto story = confirmed_story();
  story.tell(more_tea());
  CHECK_EQ(story.tell(more_tea()), "nothing");
  CHECK_EQ(story.tell(more_tea("another")), "nothing");
  auto other = more_tea("another");
  other.lines[0].quantity = 9;
  CHECK_EQ(story.tell(other), "conflict");
  story.tell(order::record_revision_refused{1, order::refusal::payment_declined, "no"});
  CHECK_EQ(story.tell(more_tea()), "nothing");
}

SCENARIO("G7: a revision that takes too long is refused; a failed return of its goods needs attention") {
  auto story = confirmed_story();
  story.tell(more_tea());
  CHECK(story.state.step_by == story.now + story.options.revise);
  CHECK_EQ(story.tell(order::give_up_step{"it took too long"}), "order.revision_refused");
  CHECK_EQ(story.tell(order::give_up_step{"it took too long"}), "order.needs_attention");
  CHECK_EQ(story.state.attention->step, "return_payment");
  CHECK_EQ(story.tell(order::retry{"intent", "it works again"}), "order.retried");
  CHECK_EQ(story.state.status, order::status::confirmed);
  CHECK_EQ(story.tell(order::record_revision_closed{1}), "order.revision_closed");
}

SCENARIO("a cancelled order gives back what its revision got; a revision that was not begun holds nothing") {
  auto story = confirmed_story();
  story.tell(more_tea());
  CHECK_EQ(story.tell(order::request_cancel{"never mind"}), "order.revision_refused order.cancel_requested");
  CHECK_EQ(order::due_steps(story.state).size(), 5u);
  CHECK_EQ(story.tell(order::record_compensated{story.state.authorized, {}}), "order.compensated order.cancelled");
  CHECK(!order::is_revising(story.state));
  auto early = placed_story();
  early.tell(more_tea());
  CHECK(order::due_steps(early.state) == std::vector{order::step::reserve_stock});
  CHECK_EQ(early.tell(order::record_stock_rejected{product_id{"prd_1"}, 2, 1}),
           "order.revision_refused order.stock_rejected");
  CHECK(!order::is_revising(early.state));
}

SCENARIO("a revision requested while the order is placed begins when the order is confirmed") {
  auto story = placed_story();
  story.tell(more_tea());
  story.tell(order::record_stock_reserved{});
  story.tell(order::record_payment_authorized{story.state.total});
  CHECK(order::due_steps(story.state) == (std::vector{order::step::reserve_revision, order::step::authorize_revision}));
  CHECK(story.state.step_by == story.now + story.options.revise);
}

SCENARIO("lines in another currency, none, or too many are refused") {
  auto story = confirmed_story();
  auto revision = more_tea();
  revision.lines.clear();
  CHECK_EQ(story.tell(revision), "invalid_argument");
  revision.lines = {{product_id{"prd_1"}, "TEA", "Tea", 1, {500, "USD"}}};
  CHECK_EQ(story.tell(revision), "invalid_argument");
}

SCENARIO("a revision's number is appended to the ids, and ids without one stay as they were") {
  const order_id id{"ord_0123"};
  CHECK_EQ(order::reservation_of(id, 0), id);
  CHECK_EQ(order::reservation_of(id, 2).value, "ord_0123.2");
  CHECK_EQ(order::without_number("ord_0123.2"), "ord_0123");
  CHECK_EQ(order::without_number("ord_0123"), "ord_0123");
}
