// A backup takes the place of the log while everything runs: what was on its way between two nodes builds on what may
// not be there any more (docs/adr/0017). G11

#include "actors/feed/notifier.hpp"
#include "domain/base/errors.hpp"

#include <algorithm>

#define CAF_SUITE actors.replaced_log
#include "tests/actors/support/order_node.hpp"

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

struct fixture : order_node {
  /// As another node's order asks for it, when what it knows is in the log of this generation.
  request_delivery delivery_for(const order_id& order, std::uint64_t generation) const {
    return {sibling_id<delivery_id>(order), order, customer, "Ada", "Main Street 1", {}, {0, generation}};
  }

  /// The backup takes the place of the log right before the next commit with such an event.
  void restore_before(const std::string& type) {
    database.before_commit([this, type, backup = database.save()](std::span<const append> batch) {
      const auto has_it = [&](const append& request) {
        return std::ranges::any_of(request.events, [&](const new_event& event) { return event.type == type; });
      };
      if (database.generation() == 0 && std::ranges::any_of(batch, has_it))
        database.restore(*backup);
    });
  }
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("an entity refuses what builds on another log than its own") {
  const auto order = make_id<order_id>();
  for (const std::uint64_t other : {1, 7}) {
    const auto refused = ask<delivery::state>(deliveries, delivery_for(order, other));
    REQUIRE(!refused.has_value());
    CHECK_EQ(refused.error().code, ec::unavailable);
  }
  CHECK_EQ(count_of("delivery.requested"), 0u);
  CHECK(ask<delivery::state>(deliveries, delivery_for(order, 0)).has_value());
  CHECK_EQ(count_of("delivery.requested"), 1u);
  const auto read = ask<delivery::state>(deliveries, get_delivery{sibling_id<delivery_id>(order), {0, 7}});
  REQUIRE(!read.has_value());
  CHECK_EQ(read.error().code, ec::unavailable);
}

SCENARIO("what was asked before the log was replaced is not written to the new one") {
  const auto product = stock_up(10);
  const auto order = make_id<order_id>();
  const placed_in before{0, 0};
  const auto later = time() + 1h;
  restore_before("delivery.requested");
  CHECK(!ask<delivery::state>(deliveries, delivery_for(order, 0)).has_value());
  CHECK_EQ(database.generation(), 1u);
  CHECK(!ask<stock_answer>(products, reserve_stock{product, order, customer, 1, later, {}, before}).has_value());
  CHECK(
    !ask<payment::state>(
       payments,
       authorize_payment{sibling_id<payment_id>(order), order, customer, {650, "EUR"}, "card", "tok_ok", {}, before})
       .has_value());
  CHECK_EQ(count_of("delivery.requested"), 0u);
  CHECK_EQ(count_of("stock.reserved"), 0u);
  CHECK_EQ(count_of("payment.intent_recorded"), 0u);
  // Whoever knows the new log goes on with it.
  CHECK(ask<delivery::state>(deliveries, delivery_for(order, 1)).has_value());
  CHECK_EQ(count_of("delivery.requested"), 1u);
}

SCENARIO("the entities of a node go on with the log that took the place of theirs") {
  const auto product = stock_up(10);
  const auto order = order_for({line_of(product, 1)});
  REQUIRE(ask<order_placed>(orders, order).has_value());
  restore_before("payment.authorized");
  CHECK_EQ(rest_of(order.id).status, order::status::completed);
  CHECK_EQ(database.generation(), 1u);
  CHECK_EQ(count_of("order.completed"), 1u);
  CHECK_EQ(product_of(product).on_hand, 9);
}

SCENARIO("the simulated provider, whose ledger is put back too, does not do what it was asked before") {
  const auto backup = ledger.save();
  const auto late = provider_request{
    "key", payment::operation::authorize, make_id<payment_id>(), {650, "EUR"}, "card", "tok_late", {}, {}};
  const auto answer = send<provider_answer>(provider, late);
  pass(1s);
  ledger.restore(*backup);
  pass(1min);
  REQUIRE(answer->has_value() && (*answer)->has_value());
  CHECK((**answer)->outcome != provider_outcome::approved);
  CHECK(ledger.log().empty());
  CHECK(ask<provider_answer>(provider, late).value().outcome == provider_outcome::approved);
}

SCENARIO("a customer is not told of what is not in the log any more") {
  const auto notifier = spawn_notifier(sys, services(), {});
  caf::anon_send(notifier, placement{1, "test", {{"test", caf::actor_cast<caf::strong_actor_ptr>(notifier)}}});
  pass(5s);
  restore_before("notification.sent");
  append confirmed;
  confirmed.stream = confirmed.order = make_id<order_id>().value;
  confirmed.customer = customer.value;
  confirmed.at = time();
  confirmed.events.push_back({"order.confirmed", 1, "{}"});
  REQUIRE(database.open_journal()->commit({&confirmed, 1}).value().front().has_value());
  pass(1min);
  CHECK_EQ(database.generation(), 1u);
  CHECK_EQ(count_of("order.confirmed"), 0u);
  CHECK_EQ(count_of("notification.sent"), 0u);
  caf::anon_send_exit(notifier, caf::exit_reason::kill);
}

SCENARIO("an operator's message about an order is not written to a log that may not have the order") {
  const auto notifier = spawn_notifier(sys, services(), {});
  caf::anon_send(notifier, placement{1, "test", {{"test", caf::actor_cast<caf::strong_actor_ptr>(notifier)}}});
  const auto product = stock_up(10);
  const auto order = order_for({line_of(product, 1)}, "tok_declined");
  REQUIRE(ask<order_placed>(orders, order).has_value());
  pass(5s);
  const auto before = count_of("notification.sent");
  const push_notification told{"intent", customer, order.id, "The courier comes tomorrow.", {}};
  restore_before("notification.sent");
  const auto refused = ask<notification_pushed>(notifier, told);
  REQUIRE(!refused.has_value());
  CHECK_EQ(refused.error().code, ec::unavailable);
  CHECK_EQ(database.generation(), 1u);
  CHECK_EQ(count_of("notification.sent"), before);
  CHECK(ask<notification_pushed>(notifier, told).has_value());
  CHECK_EQ(count_of("notification.sent"), before + 1);
  caf::anon_send_exit(notifier, caf::exit_reason::kill);
}

END_FIXTURE_SCOPE()
