#define CAF_SUITE actors.order_changes
#include "domain/base/errors.hpp"
#include "tests/actors/support/audit.hpp"
#include "tests/actors/support/changeable_order.hpp"

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

using names = std::vector<std::string>;

namespace {

/// Confirmed orders wait a minute for their dispatch.
struct patient_fixture : changeable_order {
  patient_fixture() : changeable_order(with_grace()) {}
  ~patient_fixture() override { CHECK_EQ(auditor{*this}.check(), names{}); }

  static options with_grace() {
    options chosen;
    chosen.orders.limits.grace = 60s;
    chosen.orders.limits.hold = 5min;
    return chosen;
  }
};

struct fixture : changeable_order {
  ~fixture() override { CHECK_EQ(auditor{*this}.check(), names{}); }
};

/// Plays `act` once for each number of messages after which something happens, until it is over before.
template <class Act>
void at_every_message(Act act) {
  for (int k = 0; k < 400; ++k) {
    changeable_order w;
    const bool over = act(w, k);
    const auto broken = auditor{w}.check();
    if (!broken.empty())
      CAF_FAIL("after " << k << " messages: " << broken);
    if (over)
      return;
  }
  CAF_FAIL("it never ends");
}

/// False when nothing was left to be run.
bool run(changeable_order& w, int messages) {
  for (int i = 0; i < messages; ++i)
    if (!w.consume_message() && !w.trigger_timeout())
      return false;
  return true;
}

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

// -- refunds ----------------------------------------------------------------------------------------------------------

SCENARIO("several refunds, the last one of the remaining amount, pay back once each") {
  complete();
  CHECK_EQ(ask<refund_accepted>(orders, refund("one", 500))->order.refunds->size(), 1u);
  CHECK(!ask<refund_accepted>(orders, refund("two", 300))->replayed);
  const auto rest = ask<refund_accepted>(orders, refund("three"));
  CHECK_EQ(rest->order.refunds->back().amount.amount, 1200);
  finish_refunds();
  const auto done = order_of(order.id);
  CHECK_EQ(done.status, order::status::completed);
  CHECK_EQ(done.payment_status, order::payment_status::refunded);
  CHECK_EQ(payment_of(order.id).refunded.amount, 2000);
  CHECK_EQ(count_in(ledger, "ledger.refund"), 3u);
  CHECK(!stored<order::state>(order.id.value).step_by);
}

SCENARIO("I1: a refund is at most the captured amount that remains, and nothing before the capture") {
  complete();
  CHECK_EQ(ask<refund_accepted>(orders, refund("one", 2001)).error().code, ec::invalid_argument);
  ask<refund_accepted>(orders, refund("one", 2000));
  CHECK_EQ(ask<refund_accepted>(orders, refund("two", 1)).error().code, ec::illegal_transition);
  finish_refunds();
  CHECK_EQ(count_in(ledger, "ledger.refund"), 1u);
  place();
  ask<order_placed>(orders, order);
  CHECK_EQ(ask<refund_accepted>(orders, refund("three")).error().code, ec::illegal_transition);
  rest_of(order.id);
}

SCENARIO("G3: the same refund twice is one refund") {
  complete();
  const auto first = send<refund_accepted>(orders, refund("one", 500));
  const auto second = send<refund_accepted>(orders, refund("one", 500));
  run_to("both answers", [&] { return first->has_value() && second->has_value(); });
  CHECK((*second)->value().replayed);
  finish_refunds();
  restart();
  CHECK(ask<refund_accepted>(orders, refund("one", 500))->replayed);
  CHECK_EQ(ask<refund_accepted>(orders, refund("one", 400)).error().code, ec::idempotency_key_reused);
  CHECK_EQ(count_in(ledger, "ledger.refund"), 1u);
}

SCENARIO("G4: a refund whose answer never came is asked for by its key, not repeated") {
  complete("tok_refund_timeout");
  ask<refund_accepted>(orders, refund("one", 500));
  finish_refunds();
  CHECK_EQ(order_of(order.id).payment_status, order::payment_status::partially_refunded);
  CHECK_EQ(count_of("payment.unknown"), 1u);
  CHECK_EQ(count_in(ledger, "ledger.refund"), 1u);
}

SCENARIO("a refund that the provider refuses is recorded as declined, and the amount can be refunded again") {
  complete("tok_refund_fails");
  ask<refund_accepted>(orders, refund("one", 500));
  finish_refunds();
  const auto done = order_of(order.id);
  CHECK_EQ(done.refunds->front().status, order::refund_status::declined);
  CHECK_EQ(done.refunds->front().decline_reason, "refund_failed");
  CHECK_EQ(done.payment_status, order::payment_status::captured);
  CHECK(ask<refund_accepted>(orders, refund("two", 2000)).has_value());
  finish_refunds();
}

SCENARIO("only operators refund, hold and release; other callers do not find the order") {
  complete();
  const viewer owner{false, customer};
  auto wanted = refund("one");
  wanted.on_behalf = owner;
  CHECK_EQ(ask<refund_accepted>(orders, wanted).error().code, ec::not_found);
  auto keep = hold("mine");
  keep.on_behalf = owner;
  CHECK_EQ(ask<order::state>(orders, keep).error().code, ec::not_found);
  auto lines = revise({line_of(product, 1)});
  lines.on_behalf = {false, customer_id{"cus_somebody_else"}};
  CHECK_EQ(ask<order::state>(orders, lines).error().code, ec::not_found);
  CHECK_EQ(ask<order::state>(orders, retry_order{order.id, "x", "", 0, an_operator, owner}).error().code,
           ec::not_found);
  CHECK_EQ(ask<order::state>(orders, resolve_order{order.id, order::status::cancelled, "x", 0, an_operator, owner})
             .error()
             .code,
           ec::not_found);
}

SCENARIO("an action of a person is recorded with their name") {
  complete();
  ask<refund_accepted>(orders, refund("one", 500));
  finish_refunds();
  for (const auto& event : database.log())
    if (event.type == "order.refund_requested")
      CHECK_EQ(event.origin.by_id, "usr_1");
  CHECK_EQ(order_of(order.id).refunds->front().by.id, "usr_1");
}

// -- holds ------------------------------------------------------------------------------------------------------------

SCENARIO("a held order keeps its goods and its money, through a restart, and goes on when it is released") {
  place_held();
  pass(90s);
  restart();
  pass(90s);
  const auto kept = order_of(order.id);
  CHECK_EQ(kept.status, order::status::confirmed);
  CHECK_EQ(kept.hold->by.id, "usr_1");
  CHECK_EQ(reserved(), 2);
  CHECK_EQ(payment_of(order.id).status, payment::status::authorized);
  CHECK_EQ(count_of("delivery.requested"), 0u);
  CHECK(ask<order::state>(orders, release()).has_value());
  CHECK_EQ(rest_of(order.id).status, order::status::completed);
}

SCENARIO("a held order can be cancelled and gives everything back") {
  place_held();
  CHECK(ask<order::state>(orders, cancel_order{order.id, "never mind", 0, {}, of_everything()}).has_value());
  CHECK_EQ(rest_of(order.id).status, order::status::cancelled);
  CHECK_EQ(reserved(), 0);
  CHECK_EQ(payment_of(order.id).status, payment::status::voided);
}

SCENARIO("an order that was dispatched cannot be held any more") {
  place("tok_ok", "Main Street 1 [couriers: hold, complete]");
  run_to_status(order, order::status::fulfilling);
  CHECK_EQ(ask<order::state>(orders, hold("too late")).error().code, ec::illegal_transition);
  rest_of(order.id);
}

// -- changes ----------------------------------------------------------------------------------------------------------

SCENARIO("the delivery goes to the changed address, and no change is accepted after the dispatch") {
  place_held();
  change_order moved{
    order.id, "", order::recipient{"Ada", "2 Main Street"}, "ring", {}, 99, an_operator, viewer{false, customer}};
  CHECK_EQ(ask<order::state>(orders, moved).error().code, ec::version_mismatch);
  moved.expected_version = order_of(order.id).version;
  CHECK_EQ(ask<order::state>(orders, moved)->delivery.address, "2 Main Street");
  ask<order::state>(orders, release());
  CHECK_EQ(rest_of(order.id).note, "ring");
  CHECK_EQ(delivery_of(order.id).address, "2 Main Street");
  moved.delivery->address = "3 Main Street";
  moved.expected_version = 0;
  CHECK_EQ(ask<order::state>(orders, moved).error().code, ec::illegal_transition);
}

// -- revisions --------------------------------------------------------------------------------------------------------

SCENARIO("a revision reserves and authorises the new lines, then releases the old ones") {
  place_held();
  const auto other = stock_up(5, "other");
  const auto now = ask<order::state>(orders, revise({line_of(product, 1), line_of(other, 3)}));
  CAF_REQUIRE(now.has_value());
  CHECK_EQ(now->total.amount, 4000);
  CHECK_EQ(now->authorized.amount, 4000);
  run_to("the old ones given back", [&] { return !order::is_revising(order_of(order.id)); });
  CHECK_EQ(reserved(), 1);
  CHECK_EQ(product_of(other).reserved, 3);
  CHECK_EQ(payment_of(order.id).status, payment::status::voided);
  ask<order::state>(orders, release());
  const auto done = rest_of(order.id);
  CHECK_EQ(done.status, order::status::completed);
  CHECK_EQ(done.captured.amount, 4000);
  CHECK_EQ(product_of(product).on_hand, 9);
  CHECK_EQ(product_of(other).on_hand, 2);
  CHECK(ask<refund_accepted>(orders, refund("one", 4000)).has_value());
  finish_refunds();
}

SCENARIO("a revision without enough stock leaves the whole order as it was") {
  place_held();
  const auto scarce = stock_up(1, "scarce");
  const auto answer = ask<order::state>(orders, revise({line_of(product, 4), line_of(scarce, 2)}));
  CHECK_EQ(answer.error().code, ec::out_of_stock);
  run_to("all given back", [&] { return !order::is_revising(order_of(order.id)); });
  CHECK_EQ(reserved(), 2);
  CHECK_EQ(product_of(scarce).reserved, 0);
  CHECK_EQ(order_of(order.id).total.amount, 2000);
  // The same wish again gets the same answer; a new one may be met.
  CHECK_EQ(ask<order::state>(orders, revise({line_of(product, 4), line_of(scarce, 2)})).error().code, ec::out_of_stock);
  CHECK(ask<order::state>(orders, revise({line_of(product, 4)}, "another")).has_value());
  ask<order::state>(orders, release());
  CHECK_EQ(rest_of(order.id).captured.amount, 4000);
}

SCENARIO("a revision that cannot be paid leaves the order as it was, and its payment authorised") {
  place_held("tok_limited");
  const auto answer = ask<order::state>(orders, revise({line_of(product, 7)}));
  CHECK_EQ(answer.error().code, ec::provider_refused);
  run_to("all given back", [&] { return !order::is_revising(order_of(order.id)); });
  CHECK_EQ(reserved(), 2);
  CHECK_EQ(payment_of(order.id).status, payment::status::authorized);
  ask<order::state>(orders, release());
  CHECK_EQ(rest_of(order.id).captured.amount, 2000);
}

SCENARIO("an order is not dispatched while its lines are being revised, even when nobody holds it any more") {
  place_held();
  bool silent = true;
  auto handles = direct();
  detours.push_back(spawn_detour(sys, handles.payments, [&](const caf::message&) { return fate{!silent}; }));
  handles.payments = caf::actor_cast<caf::strong_actor_ptr>(detours.back());
  connect(handles);
  const auto answer = send<order::state>(orders, revise({line_of(product, 3)}));
  pass(1s);
  ask<order::state>(orders, release());
  pass(20s);
  CHECK_EQ(count_of("delivery.requested"), 0u);
  CHECK(!answer->has_value());
  silent = false;
  run_to("the answer", [&] { return answer->has_value(); });
  CHECK_EQ((*answer)->value().total.amount, 3000);
  CHECK_EQ(rest_of(order.id).captured.amount, 3000);
}

SCENARIO("G7: a revision that takes too long is refused, and the order goes on as it was") {
  place_held();
  bool silent = true;
  auto handles = direct();
  detours.push_back(spawn_detour(sys, handles.payments, [&](const caf::message&) { return fate{!silent}; }));
  handles.payments = caf::actor_cast<caf::strong_actor_ptr>(detours.back());
  connect(handles);
  const auto answer = send<order::state>(orders, revise({line_of(product, 3)}));
  run_to("the answer", [&] { return answer->has_value(); });
  CHECK_EQ((*answer)->error().code, ec::provider_refused);
  silent = false;
  ask<order::state>(orders, release());
  CHECK_EQ(rest_of(order.id).captured.amount, 2000);
}

END_FIXTURE_SCOPE()

BEGIN_FIXTURE_SCOPE(patient_fixture)

SCENARIO("G7: an order that nobody releases is cancelled before its reservations end") {
  place_held();
  const auto done = rest_of(order.id);
  CHECK_EQ(done.status, order::status::cancelled);
  CHECK(done.reason.find("nobody released it") != std::string::npos);
  CHECK_EQ(count_of("stock.expired"), 0u);
}

SCENARIO("G5: a confirmed order waits for its dispatch as long as the shop wants, also through a restart") {
  place();
  run_to_status(order, order::status::confirmed);
  const auto confirmed = time();
  pass(20s);
  restart();
  CHECK(ask<order::state>(orders, revise({line_of(product, 3)})).has_value());
  pass(20s);
  CHECK_EQ(count_of("delivery.requested"), 0u);
  run_to("its dispatch", [&] { return count_of("delivery.requested") == 1; });
  CHECK(time() - confirmed >= 60s);
  CHECK_EQ(rest_of(order.id).captured.amount, 3000);
}

END_FIXTURE_SCOPE()

// -- crashes and races ------------------------------------------------------------------------------------------------

SCENARIO("G3, G4: a node that is killed anywhere in a refund refunds once") {
  at_every_message([](changeable_order& w, int k) {
    w.complete();
    w.send<refund_accepted>(w.orders, w.refund("one", 500));
    const bool over = !run(w, k) || (w.stored<order::state>(w.order.id.value).refunded.amount == 500);
    w.restart();
    CAF_REQUIRE(w.ask<refund_accepted>(w.orders, w.refund("one", 500)).has_value());
    w.finish_refunds();
    CAF_REQUIRE(order_node::count_in(w.ledger, "ledger.refund") == 1);
    return over;
  });
}

SCENARIO("G3, G4, G5: a node that is killed anywhere in a revision brings it to its end") {
  for (const bool scarce : {false, true})
    at_every_message([scarce](changeable_order& w, int k) {
      w.place_held();
      const auto other = w.stock_up(scarce ? 2 : 5, "other");
      const auto wanted = w.revise({order_node::line_of(w.product, 1), order_node::line_of(other, 3)});
      const auto answer = w.send<order::state>(w.orders, wanted);
      run(w, k);
      const bool over = answer->has_value() && !order::is_revising(w.stored<order::state>(w.order.id.value));
      w.restart();
      const auto again = w.ask<order::state>(w.orders, wanted);
      CAF_REQUIRE(again.has_value() == !scarce);
      w.ask<order::state>(w.orders, w.release());
      const auto done = w.rest_of(w.order.id);
      CAF_REQUIRE(done.status == order::status::completed);
      CAF_REQUIRE(done.captured.amount == (scarce ? 2000 : 4000));
      return over;
    });
}

SCENARIO("a cancellation anywhere in a revision gives everything back") {
  at_every_message([](changeable_order& w, int k) {
    w.place_held();
    const auto answer = w.send<order::state>(w.orders, w.revise({order_node::line_of(w.product, 5)}));
    run(w, k);
    const bool over = answer->has_value() && !order::is_revising(w.stored<order::state>(w.order.id.value));
    w.send<order::state>(w.orders, cancel_order{w.order.id, "never mind", 0, {}, of_everything()});
    CAF_REQUIRE(w.rest_of(w.order.id).status == order::status::cancelled);
    w.run_to("the answer", [&] { return answer->has_value(); });
    w.consume_messages();
    CAF_REQUIRE(w.reserved() == 0);
    return over;
  });
}
