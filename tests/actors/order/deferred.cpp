#define CAF_SUITE actors.deferred
#include "domain/base/errors.hpp"
#include "tests/actors/support/audit.hpp"

#include <algorithm>

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

struct shop : order_node {
  shop() { placed.payment = {std::string{order::deferred_method}, {}}; }

  /// Places the order and runs until it waits for a payer.
  void await_payer() {
    CAF_REQUIRE(ask<order_placed>(orders, placed).has_value());
    run_to("an order that waits for a payer", [&] {
      const auto order = stored<order::state>(placed.id.value);
      return order.stock_reserved || count_of("order.stock_reserved") > 0;
    });
    consume_messages();
  }

  pay_order payment(const std::string& intent, const std::string& token = "tok_ok") const {
    return {placed.id, {"card", token}, intent, "digest of " + token, 0, {}, of_everything()};
  }

  result<order_paid> pay(const std::string& intent, const std::string& token = "tok_ok") {
    return ask<order_paid>(orders, payment(intent, token));
  }

  /// Nothing is held, and nothing was ever authorised.
  void check_given_back() {
    CHECK_EQ(product_of(product).reserved, 0);
    CHECK_EQ(product_of(product).on_hand, 1000);
    CHECK_EQ(count_in(ledger, "ledger.authorize"), 0u);
  }

  product_id product = stock_up(1000);
  place_order placed = order_for({line_of(product, 3)});
};

} // namespace

BEGIN_FIXTURE_SCOPE(shop)

SCENARIO("an order that is paid later keeps its stock, authorises nothing, and completes once it is paid") {
  await_payer();
  const auto waiting = order_of(placed.id);
  CHECK_EQ(waiting.status, order::status::placed);
  CHECK_EQ(waiting.payment_status, order::payment_status::awaiting);
  CHECK_EQ(product_of(product).reserved, 3);
  CHECK_EQ(count_in(ledger, "ledger.authorize"), 0u);
  const auto described = ask<entity_description>(orders, describe_entity{placed.id.value});
  CAF_REQUIRE(described.has_value());
  CHECK_EQ(described->waits_for, "somebody to pay it");
  const auto paid = pay("a");
  CAF_REQUIRE(paid.has_value());
  CHECK(!paid->replayed);
  CHECK_EQ(rest_of(placed.id).status, order::status::completed);
  CHECK_EQ(count_in(ledger, "ledger.authorize"), 1u);
  CHECK_EQ(auditor{*this}.check(), std::vector<std::string>{});
}

SCENARIO("a client that waits for a deferred order is answered when only the payment is missing") {
  CAF_REQUIRE(ask<order_placed>(orders, placed).has_value());
  const auto began = time();
  const auto settled = ask<order::state>(orders, await_order{placed.id, false, began + 30s, of_everything()});
  CAF_REQUIRE(settled.has_value());
  CHECK(settled->stock_reserved);
  CHECK(time() < began + 5s);
}

SCENARIO("G7: an order that nobody pays is cancelled at its deadline, not before, and gives its stock back") {
  await_payer();
  pass(59min);
  CHECK_EQ(order_of(placed.id).status, order::status::placed);
  CHECK_EQ(product_of(product).reserved, 3);
  pass(2min);
  const auto done = order_of(placed.id);
  CHECK_EQ(done.status, order::status::cancelled);
  CHECK_EQ(done.reason, order::unpaid);
  check_given_back();
  const auto late = pay("a");
  CAF_REQUIRE(!late.has_value());
  CHECK(late.error().code == ec::illegal_transition);
  check_given_back();
}

SCENARIO("G5: the deadline of an unpaid order is stored: it has left the memory, and survives a restart") {
  await_payer();
  pass(30min);
  auto active = send<actor_list>(orders, list_actors{});
  consume_messages();
  CHECK_EQ((*active)->value().total, 0u);
  restart();
  pass(20min);
  CHECK_EQ(stored<order::state>(placed.id.value).status, order::status::placed);
  pass(15min);
  CHECK_EQ(order_of(placed.id).status, order::status::cancelled);
  check_given_back();
}

SCENARIO("G3: thirty payers at once and their repetitions pay once, and each gets the outcome") {
  shuffled = true;
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    random.seed(seed);
    placed.id = make_id<order_id>();
    const auto before = count_in(ledger, "ledger.authorize");
    CAF_REQUIRE(ask<order_placed>(orders, placed).has_value());
    std::vector<pending<order_paid>> answers;
    for (int i = 0; i < 60; ++i)
      answers.push_back(send<order_paid>(orders, payment(std::to_string(i / 2))));
    const auto answered = [](const auto& answer) { return answer->has_value(); };
    run_to("all answers", [&] { return std::all_of(answers.begin(), answers.end(), answered); });
    int first = 0;
    int again = 0;
    int refused = 0;
    for (const auto& answer : answers)
      if (const auto& paid = **answer; !paid)
        refused += paid.error().code == ec::illegal_transition ? 1 : 0;
      else
        ++(paid->replayed ? again : first);
    CHECK_EQ(first, 1);
    CHECK_EQ(again, 1);
    CHECK_EQ(refused, 58);
    const auto done = rest_of(placed.id);
    CHECK_EQ(done.status, order::status::completed);
    CHECK_EQ(count_in(ledger, "ledger.authorize"), before + 1);
  }
}

SCENARIO("the same payment with another card is refused as a reused key") {
  await_payer();
  CAF_REQUIRE(pay("a").has_value());
  const auto other = pay("a", "tok_declined");
  CAF_REQUIRE(!other.has_value());
  CHECK(other.error().code == ec::idempotency_key_reused);
}

SCENARIO("a payment for an outdated version pays nothing") {
  await_payer();
  auto wanted = payment("a");
  wanted.expected_version = 1;
  const auto refused = ask<order_paid>(orders, wanted);
  CAF_REQUIRE(!refused.has_value());
  CHECK(refused.error().code == ec::version_mismatch);
  wanted.expected_version = order_of(placed.id).version;
  CHECK(ask<order_paid>(orders, wanted).has_value());
  // The same payment again has moved the version itself.
  const auto again = ask<order_paid>(orders, wanted);
  CAF_REQUIRE(again.has_value());
  CHECK(again->replayed);
}

SCENARIO("a declined payment rejects the order and gives its stock back") {
  await_payer();
  CAF_REQUIRE(pay("a", "tok_declined").has_value());
  const auto done = rest_of(placed.id);
  CHECK_EQ(done.status, order::status::rejected);
  CHECK_EQ(done.payment_status, order::payment_status::declined);
  CHECK_EQ(product_of(product).reserved, 0);
}

SCENARIO("a payment races a cancellation, in every order of the messages: paid and voided, or never charged") {
  for (std::uint32_t seed = 1; seed <= 50; ++seed) {
    shuffled = true;
    random.seed(seed);
    placed.id = make_id<order_id>();
    CAF_REQUIRE(ask<order_placed>(orders, placed).has_value());
    for (auto step = random() % 40; step > 0; --step)
      consume_message();
    const bool payer_first = random() % 2 == 0;
    const cancel_order cancel{placed.id, "changed my mind", 0, {}, of_everything()};
    pending<order_paid> paid;
    if (payer_first)
      paid = send<order_paid>(orders, payment("a"));
    auto cancelled = send<order::state>(orders, cancel);
    if (!payer_first)
      paid = send<order_paid>(orders, payment("a"));
    run_to("both answers", [&] { return paid->has_value() && cancelled->has_value(); });
    const auto done = rest_of(placed.id);
    CHECK(order::is_final(done.status));
    if (done.status != order::status::completed) {
      CHECK_EQ(product_of(product).reserved, 0);
      CHECK(done.captured.is_zero());
    }
    if (!(*paid)->has_value())
      CHECK(done.status == order::status::cancelled);
  }
  CHECK_EQ(auditor{*this}.check(), std::vector<std::string>{});
}

SCENARIO("a payment races its deadline: it is accepted or refused, and nobody is charged for nothing") {
  for (int early = 0; early <= 40; ++early) {
    shuffled = true;
    random.seed(static_cast<std::uint32_t>(early));
    placed.id = make_id<order_id>();
    CAF_REQUIRE(ask<order_placed>(orders, placed).has_value());
    consume_messages();
    const auto due = order_of(placed.id).step_by;
    CAF_REQUIRE(due.has_value());
    pass(*due - time() - 10ms + early * 500us);
    const auto before = count_in(ledger, "ledger.authorize");
    auto paid = send<order_paid>(orders, payment("a"));
    run_to("an answer", [&] { return paid->has_value(); });
    const auto done = rest_of(placed.id);
    CHECK_EQ((*paid)->has_value(), done.status == order::status::completed);
    CHECK_EQ(count_in(ledger, "ledger.authorize"), before + ((*paid)->has_value() ? 1 : 0));
    if (!(*paid)->has_value())
      CHECK_EQ(done.reason, order::unpaid);
    CHECK_EQ(product_of(product).reserved, 0);
  }
  CHECK_EQ(auditor{*this}.check(), std::vector<std::string>{});
}

SCENARIO("G3, G4, G5: a node that is killed anywhere in a payment charges once") {
  for (int steps = 0; steps < 120; steps += 4) {
    placed.id = make_id<order_id>();
    const auto before = count_in(ledger, "ledger.authorize");
    CAF_REQUIRE(ask<order_placed>(orders, placed).has_value());
    consume_messages();
    send<order_paid>(orders, payment("a"));
    for (int i = 0; i < steps; ++i)
      consume_message();
    restart();
    // A caller without an answer asks again.
    const auto paid = pay("a");
    CAF_REQUIRE(paid.has_value());
    const auto done = rest_of(placed.id);
    CHECK_EQ(done.status, order::status::completed);
    CHECK_EQ(count_in(ledger, "ledger.authorize"), before + 1);
  }
}

SCENARIO("only a caller who may see an order can pay it") {
  await_payer();
  auto strange = payment("a");
  strange.on_behalf = viewer{false, derive_id<customer_id>("bob")};
  const auto refused = ask<order_paid>(orders, strange);
  CAF_REQUIRE(!refused.has_value());
  CHECK(refused.error().code == ec::not_found);
}

END_FIXTURE_SCOPE()
