#define CAF_SUITE actors.order_resolution
#include "domain/base/errors.hpp"
#include "tests/actors/support/audit.hpp"

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

using names = std::vector<std::string>;

namespace {

const provenance operator_one{"req_1", {}, {}, "operator", "usr_1"};

struct fixture : order_node {
  ~fixture() override { CHECK_EQ(auditor{*this}.check(), names{}); }

  /// An order of two of ten pieces that was delivered and whose money the provider refuses to give.
  void deliver_unpaid() { play("tok_capture_fails"); }

  /// An order that was delivered and authorised, but whose goods were sold to another customer, because its reservation
  /// had ended: older programs ended it by time.
  void deliver_what_is_gone() {
    block<commit_stock>(
      direct().products, [](region_handles & handles) -> auto& { return handles.products; });
    play("tok_ok");
    healed = true;
    CAF_REQUIRE(ask<stock_answer>(products, release_stock{product, order.id, customer, time(), {}}).has_value());
    CAF_REQUIRE(ask<product_view>(products, adjust_stock{product, -9, "sold elsewhere", 0, {}}).has_value());
  }

  /// An order that no courier takes and whose authorisation cannot be voided until `heal`.
  void cancel_without_payments() {
    block<void_payment>(
      direct().payments, [](region_handles & handles) -> auto& { return handles.payments; });
    play("tok_ok", "Main Street 1 [couriers: decline]");
  }

  template <class Message, class Choose>
  void block(const caf::strong_actor_ptr& to, Choose choose) {
    detours.push_back(spawn_detour(
      sys, to, [this](const caf::message& message) { return fate{healed || !message.match_elements<Message>()}; }));
    auto handles = direct();
    choose(handles) = caf::actor_cast<caf::strong_actor_ptr>(detours.back());
    connect(handles);
  }

  void play(const std::string& token, const std::string& address = "Main Street 1") {
    product = stock_up(10);
    order = order_for({line_of(product, 2)}, token, address);
    CAF_REQUIRE(ask<order_placed>(orders, order).has_value());
    CAF_REQUIRE_EQUAL(rest_of(order.id).status, order::status::needs_attention);
  }

  result<order::state> retry(const std::string& intent, std::uint64_t version = 0) {
    return ask<order::state>(orders,
                             retry_order{order.id, intent, "it may work now", version, operator_one, of_everything()});
  }

  result<order::state> resolve(order::status outcome, std::uint64_t version = 0) {
    return ask<order::state>(
      orders, resolve_order{order.id, outcome, "settled by hand", version, operator_one, of_everything()});
  }

  stored_event last_of(const std::string& type) const {
    stored_event last;
    for (const auto& event : database.log())
      if (event.type == type)
        last = event;
    return last;
  }

  bool is_listed_as(order::status status) const {
    list_orders query;
    query.statuses = {std::string{name_of(status)}};
    return database.open_query()->run(query)->states.size() == 1;
  }

  product_id product;
  place_order order;
  bool healed = false;
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("a retry continues at the stuck step, and completes the order when the fault is gone") {
  cancel_without_payments();
  CHECK(is_listed_as(order::status::needs_attention));
  healed = true;
  const auto goes_on = retry("one");
  CAF_REQUIRE(goes_on.has_value());
  CHECK_EQ(goes_on->status, order::status::cancelling);
  CHECK(is_listed_as(order::status::cancelling));
  CHECK_EQ(rest_of(order.id).status, order::status::cancelled);
  CHECK_EQ(product_of(product).reserved, 0);
  CHECK_EQ(count_of("payment.voided"), 1u);
  const auto said = last_of("order.retried");
  CHECK_EQ(said.origin.by_kind, "operator");
  CHECK_EQ(said.origin.by_id, "usr_1");
  CHECK(said.data.find("it may work now") != std::string::npos);
}

SCENARIO("a retry gets a whole new deadline, and an order that is still stuck needs attention again") {
  cancel_without_payments();
  pass(1h);
  CAF_REQUIRE(retry("one").has_value());
  pass(chosen().orders.limits.compensate - 1s);
  CHECK_EQ(order_of(order.id).status, order::status::cancelling);
  pass(2s);
  CHECK_EQ(order_of(order.id).status, order::status::needs_attention);
  healed = true;
  CAF_REQUIRE(retry("two").has_value());
  CHECK_EQ(rest_of(order.id).status, order::status::cancelled);
}

SCENARIO("G4: a retried capture goes to the provider under its first key, which gives its first answer") {
  deliver_unpaid();
  CAF_REQUIRE(retry("one").has_value());
  CHECK_EQ(rest_of(order.id).status, order::status::needs_attention);
  CHECK_EQ(count_in(ledger, "ledger.capture"), 1u);
  CHECK_EQ(order_of(order.id).attention->retries, 1u);
  resolve(order::status::completed);
}

SCENARIO("G3: a retry under one idempotency key is carried out once, after a restart too") {
  deliver_unpaid();
  CAF_REQUIRE(retry("one").has_value());
  rest_of(order.id);
  restart();
  const auto events = database.log().size();
  CHECK(retry("one").has_value());
  CHECK_EQ(database.log().size(), events);
  resolve(order::status::completed);
}

SCENARIO("a delivered order whose money came another way is completed, and its authorisation given back") {
  deliver_unpaid();
  const auto done = resolve(order::status::completed);
  CAF_REQUIRE(done.has_value());
  CHECK_EQ(done->status, order::status::completed);
  CHECK_EQ(done->payment_status, order::payment_status::voided);
  CHECK_EQ(done->reason, "settled by hand");
  CHECK(is_listed_as(order::status::completed));
  CHECK_EQ(payment_of(order.id).status, payment::status::voided);
  CHECK_EQ(product_of(product).on_hand, 8);
  CHECK_EQ(product_of(product).reserved, 0);
  CHECK_EQ(types_of(order.id.value).back(), "order.completed");
  CHECK_EQ(last_of("order.resolved").origin.by_id, "usr_1");
  // Who voided it can be told from the payment's own stream.
  CHECK_EQ(last_of("payment.intent_recorded").origin.by_id, "usr_1");
}

SCENARIO("an order whose compensation is stuck is cancelled, and its stock is free for others") {
  cancel_without_payments();
  healed = true;
  const auto done = resolve(order::status::cancelled);
  CAF_REQUIRE(done.has_value());
  CHECK_EQ(done->status, order::status::cancelled);
  CHECK_EQ(done->fulfillment_status, order::fulfillment_status::failed);
  CHECK_EQ(product_of(product).on_hand, 10);
  CHECK_EQ(product_of(product).reserved, 0);
  CHECK_EQ(payment_of(order.id).status, payment::status::voided);
  const auto events = database.log().size();
  CHECK(resolve(order::status::cancelled).has_value());
  CHECK_EQ(resolve(order::status::completed).error().code, ec::illegal_transition);
  CHECK_EQ(retry("late").error().code, ec::illegal_transition);
  CHECK_EQ(database.log().size(), events);
}

SCENARIO("an order whose money is captured is not cancelled, and keeps the goods that it holds") {
  deliver_what_is_gone();
  const auto refused = resolve(order::status::cancelled);
  CAF_REQUIRE(refused.has_error());
  CHECK_EQ(refused.error().code, ec::illegal_transition);
  CHECK(refused.error().detail.find("captured") != std::string::npos);
  CHECK_EQ(order_of(order.id).status, order::status::needs_attention);
  const auto done = resolve(order::status::completed);
  CAF_REQUIRE(done.has_value());
  CHECK_EQ(done->payment_status, order::payment_status::captured);
  CHECK_EQ(done->captured.amount, 2000);
}

SCENARIO("goods that were missing by a wrong count are added, and the retried order takes them") {
  deliver_what_is_gone();
  CAF_REQUIRE(retry("one").has_value());
  CHECK_EQ(rest_of(order.id).status, order::status::needs_attention);
  CAF_REQUIRE(ask<product_view>(products, adjust_stock{product, 1, "found in the cellar", 0, {}}).has_value());
  CAF_REQUIRE(retry("two").has_value());
  CHECK_EQ(rest_of(order.id).status, order::status::completed);
  CHECK_EQ(product_of(product).on_hand, 0);
  CHECK_EQ(count_in(ledger, "ledger.capture"), 1u);
}

SCENARIO("I3: while the payment entity cannot be reached nothing is recorded, and the order can be resolved later") {
  cancel_without_payments();
  const auto early = resolve(order::status::cancelled);
  CAF_REQUIRE(early.has_error());
  CHECK_EQ(early.error().code, ec::timed_out);
  CHECK_EQ(count_of("order.resolved"), 0u);
  CHECK_EQ(order_of(order.id).status, order::status::needs_attention);
  healed = true;
  CHECK(resolve(order::status::cancelled).has_value());
}

SCENARIO("a resolution that a crash interrupts can be repeated") {
  deliver_unpaid();
  const auto answer = send<order::state>(
    orders, resolve_order{order.id, order::status::completed, "settled by hand", 0, operator_one, of_everything()});
  run_to("the voided payment", [&] { return count_of("payment.voided") == 1; });
  restart();
  CHECK_EQ(order_of(order.id).status, order::status::needs_attention);
  CHECK(resolve(order::status::completed).has_value());
  CHECK_EQ(count_of("payment.voided"), 1u);
}

SCENARIO("an order that is being resolved refuses a retry and a second resolution") {
  cancel_without_payments();
  const auto first = send<order::state>(
    orders, resolve_order{order.id, order::status::cancelled, "settled by hand", 0, operator_one, of_everything()});
  // Runs as far as possible without time: it waits for the payment.
  consume_messages();
  CHECK_EQ(retry("one").error().code, ec::conflict);
  CHECK_EQ(resolve(order::status::completed).error().code, ec::conflict);
  run_to("the first one's end", [&] { return first->has_value(); });
  healed = true;
  CHECK(resolve(order::status::cancelled).has_value());
}

SCENARIO("a decision about an outdated version changes nothing") {
  deliver_unpaid();
  CHECK_EQ(retry("one", 1).error().code, ec::version_mismatch);
  CHECK_EQ(resolve(order::status::completed, 1).error().code, ec::version_mismatch);
  CHECK_EQ(payment_of(order.id).status, payment::status::authorized);
  CHECK(resolve(order::status::completed, order_of(order.id).version).has_value());
}

SCENARIO("an order that does not exist, or needs no attention, is neither retried nor resolved") {
  order = order_for({});
  CHECK_EQ(retry("one").error().code, ec::not_found);
  CHECK_EQ(resolve(order::status::completed).error().code, ec::not_found);
  product = stock_up(10);
  order = order_for({line_of(product, 2)}, "tok_ok", "Main Street 1 [couriers: hold, complete]");
  run_to_status(order, order::status::fulfilling);
  CHECK_EQ(retry("one")->status, order::status::fulfilling);
  CHECK_EQ(resolve(order::status::cancelled).error().code, ec::illegal_transition);
  CHECK_EQ(resolve(order::status::completed).error().code, ec::illegal_transition);
  CHECK_EQ(count_of("order.retried") + count_of("order.resolved"), 0u);
  CHECK_EQ(rest_of(order.id).status, order::status::completed);
}

END_FIXTURE_SCOPE()
