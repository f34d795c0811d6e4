#define CAF_SUITE actors.order
#include "domain/base/errors.hpp"
#include "tests/actors/support/audit.hpp"

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

using names = std::vector<std::string>;

namespace {

struct fixture : order_node {
  ~fixture() override { CHECK_EQ(auditor{*this}.check(), names{}); }

  /// Places an order of two pieces of a product of which there are ten, and runs until it rests.
  order::state play(const std::string& token, const std::string& address = "Main Street 1") {
    product = stock_up(10);
    order = order_for({line_of(product, 2)}, token, address);
    CAF_REQUIRE(ask<order_placed>(orders, order).has_value());
    return rest_of(order.id);
  }

  void check_all_given_back() {
    CHECK_EQ(product_of(product).on_hand, 10);
    CHECK_EQ(product_of(product).reserved, 0);
    CHECK_EQ(count_in(ledger, "ledger.capture"), 0u);
  }

  result<order::state> cancel(std::uint64_t expected_version = 0) {
    return ask<order::state>(orders, cancel_order{order.id, "changed my mind", expected_version, {}, of_everything()});
  }

  product_id product;
  place_order order;
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("a placed order is reserved, paid, delivered, captured and completed") {
  const auto done = play("tok_ok");
  CHECK_EQ(done.status, order::status::completed);
  CHECK_EQ(done.payment_status, order::payment_status::captured);
  CHECK_EQ(done.captured.amount, 2000);
  CHECK_EQ(types_of(order.id.value),
           (names{"order.placed", "order.stock_reserved", "order.payment_authorized", "order.confirmed",
                  "order.fulfillment_started", "order.delivered", "order.payment_captured", "order.completed"}));
  CHECK_EQ(types_of(sibling_id<payment_id>(order.id).value),
           (names{"payment.intent_recorded", "payment.authorized", "payment.intent_recorded", "payment.captured"}));
  CHECK_EQ(product_of(product).on_hand, 8);
  CHECK_EQ(product_of(product).reserved, 0);
}

SCENARIO("G1: an order is answered after its commit, never before") {
  product = stock_up(10);
  order = order_for({line_of(product, 1)});
  database.set_available(false);
  const auto answer = send<order_placed>(orders, order);
  pass(5s);
  CHECK(!answer->has_value());
  database.set_available(true);
  run_to("the answer", [&] { return answer->has_value(); });
  CHECK_EQ(count_of("order.placed"), 1u);
  rest_of(order.id);
}

SCENARIO("an order that lacks stock on its second line gives the first line back and is rejected") {
  const auto plenty = stock_up(10, "plenty");
  const auto scarce = stock_up(1, "scarce");
  order = order_for({line_of(plenty, 3), line_of(scarce, 2)});
  CAF_REQUIRE(ask<order_placed>(orders, order).has_value());
  const auto done = rest_of(order.id);
  CHECK_EQ(done.status, order::status::rejected);
  CHECK_EQ(done.reason, "out_of_stock");
  CHECK_EQ(product_of(plenty).reserved, 0);
  CHECK_EQ(product_of(scarce).reserved, 0);
  CHECK_EQ(count_of("payment.intent_recorded"), 0u);
}

SCENARIO("a declined payment rejects the order and releases the stock") {
  const auto done = play("tok_declined");
  CHECK_EQ(done.status, order::status::rejected);
  CHECK_EQ(done.reason, "card_declined");
  check_all_given_back();
}

SCENARIO("G4: a charge whose answer never came is asked for by its key, not repeated") {
  const auto done = play("tok_timeout_charged");
  CHECK_EQ(done.status, order::status::completed);
  CHECK_EQ(count_of("payment.unknown"), 1u);
  CHECK_EQ(count_of("order.payment_unknown"), 1u);
  CHECK_EQ(count_of("payment.authorized"), 1u);
  CHECK_EQ(count_in(ledger, "ledger.authorize"), 1u);
}

SCENARIO("a charge that never happened ends in a rejection which gives the stock back") {
  const auto done = play("tok_timeout");
  CHECK_EQ(done.status, order::status::rejected);
  check_all_given_back();
}

SCENARIO("a charge that is approved after the time-out completes the order") {
  CHECK_EQ(play("tok_late").status, order::status::completed);
  CHECK_EQ(count_in(ledger, "ledger.authorize"), 1u);
}

SCENARIO("a provider that fails twice is asked a third time") {
  CHECK_EQ(play("tok_flaky").status, order::status::completed);
  CHECK_EQ(count_in(ledger, "ledger.authorize"), 1u);
}

SCENARIO("G7: a refused capture needs attention") {
  const auto done = play("tok_capture_fails");
  CHECK_EQ(done.status, order::status::needs_attention);
  CHECK(done.reason.find("capture_failed") != std::string::npos);
}

SCENARIO("an order that no courier delivers is cancelled and compensated") {
  const auto done = play("tok_ok", "Main Street 1 [couriers: decline]");
  CHECK_EQ(done.status, order::status::cancelled);
  CHECK_EQ(done.payment_status, order::payment_status::voided);
  CHECK_EQ(done.fulfillment_status, order::fulfillment_status::failed);
  check_all_given_back();
}

SCENARIO("several lines of one product are summed") {
  product = stock_up(5);
  order = order_for({line_of(product, 2), line_of(product, 1), line_of(product, 2)});
  CAF_REQUIRE(ask<order_placed>(orders, order).has_value());
  CHECK_EQ(rest_of(order.id).status, order::status::completed);
  CHECK_EQ(product_of(product).on_hand, 0);
  CHECK_EQ(count_of("stock.reserved"), 1u);
}

// -- cancellations ----------------------------------------------------------------------------------------------------

SCENARIO("a cancellation before dispatch gives everything back") {
  product = stock_up(10);
  order = order_for({line_of(product, 2)}, "tok_ok", "Main Street 1 [couriers: hold]");
  run_to_status(order, order::status::fulfilling);
  const auto answer = cancel();
  CAF_REQUIRE(answer.has_value());
  CHECK_EQ(answer->status, order::status::cancelled);
  CHECK_EQ(answer->reason, "changed my mind");
  CHECK_EQ(count_of("payment.voided"), 1u);
  CHECK_EQ(delivery_of(order.id).status, delivery::status::cancelled);
  check_all_given_back();
}

SCENARIO("a cancellation comes too late when a courier has started") {
  product = stock_up(10);
  order = order_for({line_of(product, 2)});
  run_to_status(order, order::status::fulfilling);
  run_to("a start", [&] { return count_of("delivery.started") == 1; });
  const auto answer = cancel();
  CAF_REQUIRE(answer.has_error());
  CHECK_EQ(answer.error().code, ec::illegal_transition);
  CHECK_EQ(rest_of(order.id).status, order::status::completed);
}

SCENARIO("a cancellation of a cancelled order is a success that changes nothing") {
  product = stock_up(10);
  order = order_for({line_of(product, 2)}, "tok_ok", "Main Street 1 [couriers: hold]");
  run_to_status(order, order::status::fulfilling);
  CAF_REQUIRE(cancel().has_value());
  const auto events = database.log().size();
  const auto again = cancel();
  CAF_REQUIRE(again.has_value());
  CHECK_EQ(again->status, order::status::cancelled);
  CHECK_EQ(database.log().size(), events);
}

SCENARIO("a cancellation for an outdated version changes nothing, not even the delivery") {
  product = stock_up(10);
  order = order_for({line_of(product, 2)}, "tok_ok", "Main Street 1 [couriers: hold, complete]");
  run_to_status(order, order::status::fulfilling);
  const auto answer = cancel(1);
  CAF_REQUIRE(answer.has_error());
  CHECK_EQ(answer.error().code, ec::version_mismatch);
  CHECK_EQ(rest_of(order.id).status, order::status::completed);
}

SCENARIO("an order that does not exist is not found") {
  order = order_for({});
  CHECK_EQ(cancel().error().code, ec::not_found);
  CHECK_EQ(ask<order::state>(orders, get_order{order.id, of_everything()}).error().code, ec::not_found);
  CHECK_EQ(ask<order::state>(orders, await_order{order.id, true, time() + 1s, of_everything()}).error().code,
           ec::not_found);
}

// -- one intent, one order --------------------------------------------------------------------------------------------

SCENARIO("G3: the same request again is replayed, another one under the same id is refused") {
  play("tok_ok");
  const auto again = ask<order_placed>(orders, order);
  CAF_REQUIRE(again.has_value());
  CHECK(again->replayed);
  auto other = order;
  other.fingerprint = "another";
  CHECK_EQ(ask<order_placed>(orders, other).error().code, ec::idempotency_key_reused);
  restart();
  CHECK(ask<order_placed>(orders, order)->replayed);
  CHECK_EQ(count_of("order.placed"), 1u);
}

SCENARIO("G3: one request sent a hundred times at once is one order") {
  product = stock_up(10);
  order = order_for({line_of(product, 1)});
  std::vector<pending<order_placed>> answers;
  for (int i = 0; i < 100; ++i)
    answers.push_back(send<order_placed>(orders, order));
  rest_of(order.id);
  const auto first = std::count_if(answers.begin(), answers.end(), [](const auto& answer) {
    return answer->has_value() && !(*answer)->value().replayed;
  });
  CHECK_EQ(first, 1);
  CHECK_EQ(count_of("order.placed"), 1u);
  CHECK_EQ(product_of(product).on_hand, 9);
}

// -- waiting ----------------------------------------------------------------------------------------------------------

SCENARIO("a waiting client is answered when the order is settled: at once, later, or at the deadline") {
  product = stock_up(10);
  order = order_for({line_of(product, 1)}, "tok_late");
  CAF_REQUIRE(ask<order_placed>(orders, order).has_value());
  const auto begin = time();
  const auto early = ask<order::state>(orders, await_order{order.id, false, begin + 500ms, of_everything()});
  CHECK_EQ(early->status, order::status::placed);
  CHECK(time() - begin >= 500ms && time() - begin < 600ms);
  CHECK_EQ(ask<order::state>(orders, await_order{order.id, false, begin + 1h, of_everything()})->status,
           order::status::confirmed);
  const auto settled = time();
  CHECK(ask<order::state>(orders, await_order{order.id, false, settled + 1h, of_everything()}).has_value());
  CHECK(time() == settled);
  rest_of(order.id);
}

// -- deadlines --------------------------------------------------------------------------------------------------------

SCENARIO("G7: while stock is silent the order is given up at its deadline and compensates once stock is back") {
  bool silent = true;
  product = stock_up(10);
  auto handles = direct();
  detours.push_back(spawn_detour(sys, handles.products, [&](const caf::message&) { return fate{!silent}; }));
  handles.products = caf::actor_cast<caf::strong_actor_ptr>(detours.back());
  connect(handles);
  order = order_for({line_of(product, 2)});
  CAF_REQUIRE(ask<order_placed>(orders, order).has_value());
  const auto limit = chosen().orders.limits.reserve;
  pass(limit - 1s);
  CHECK_EQ(order_of(order.id).status, order::status::placed);
  pass(2s);
  CHECK_EQ(order_of(order.id).status, order::status::cancelling);
  silent = false;
  CHECK_EQ(rest_of(order.id).status, order::status::cancelled);
  check_all_given_back();
}

SCENARIO("G7: a compensation that cannot finish needs attention") {
  product = stock_up(10);
  order = order_for({line_of(product, 2)}, "tok_ok", "Main Street 1 [couriers: decline]");
  auto handles = direct();
  detours.push_back(spawn_detour(
    sys, handles.payments, [&](const caf::message& message) { return fate{!message.match_elements<void_payment>()}; }));
  handles.payments = caf::actor_cast<caf::strong_actor_ptr>(detours.back());
  connect(handles);
  CAF_REQUIRE(ask<order_placed>(orders, order).has_value());
  const auto done = rest_of(order.id);
  CHECK_EQ(done.status, order::status::needs_attention);
  CHECK(done.reason.find("took too long") != std::string::npos);
}

SCENARIO("a long outage of the database stops an order, which then continues by itself") {
  product = stock_up(10);
  order = order_for({line_of(product, 2)}, "tok_ok", "Main Street 1 [couriers: hold, complete]");
  run_to_status(order, order::status::fulfilling);
  database.set_available(false);
  pass(60s);
  database.set_available(true);
  run_to("the end", [&] { return stored<order::state>(order.id.value).status == order::status::completed; });
}

END_FIXTURE_SCOPE()
