#define CAF_SUITE actors.placed
#include "domain/base/errors.hpp"
#include "persistence/journal/journal_actor.hpp"
#include "tests/actors/support/audit.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

/// A node whose commits take long: everything else that can be done is done first.
struct slow_commits : order_node {
  using order_node::order_node;

  bool consume_message() override {
    const auto* journal = dynamic_cast<const caf::resumable*>(
      caf::actor_cast<caf::abstract_actor*>(caf::actor_cast<caf::actor>(services().journals.front())));
    auto& jobs = sched.jobs;
    const auto other =
      std::find_if(jobs.begin(), jobs.end(), [&](const caf::resumable* job) { return job != journal; });
    if (other != jobs.end())
      std::swap(jobs.front(), *other);
    return order_node::consume_message();
  }

  std::size_t commits_of_an_order(bool is_new = false) {
    const auto product = stock_up(10);
    const auto before = database.commits();
    auto order = order_for({line_of(product, 1)});
    order.is_new = is_new;
    CAF_REQUIRE(ask<order_placed>(orders, order).has_value());
    CHECK_EQ(rest_of(order.id).status, order::status::completed);
    return database.commits() - before;
  }
};

/// A node whose database refuses one append, as if another writer had been first, and says which it was.
struct contested : slow_commits {
  /// The `nth` append with events from now on, counted from 1.
  void refuse(int nth) {
    auto left = std::make_shared<int>(nth);
    database.refuse_if([this, left](const append& request) {
      if (request.events.empty() || --*left != 0)
        return false;
      refused = request.stream + " " + request.events.front().type;
      return true;
    });
  }

  std::string refused;
};

/// In the log each event comes after its cause: the first event of the second type of a pair after the first event of
/// the first type.
std::vector<std::string> without_cause(const order_node& node) {
  static const std::vector<std::pair<std::string, std::string>> pairs{
    {"order.placed", "stock.reserved"},
    {"stock.reserved", "order.stock_reserved"},
    {"order.placed", "payment.intent_recorded"},
    {"payment.authorized", "order.payment_authorized"},
    {"order.confirmed", "delivery.requested"},
    {"delivery.requested", "order.fulfillment_started"},
    {"delivery.completed", "order.delivered"},
    {"delivery.failed", "order.cancel_requested"},
    {"order.delivered", "stock.committed"},
    {"order.delivered", "payment.captured"},
    {"payment.captured", "order.payment_captured"},
    {"stock.committed", "order.completed"},
    {"stock.released", "order.compensated"},
    {"payment.voided", "order.compensated"},
  };
  std::set<std::string> seen;
  std::vector<std::string> effects;
  for (const auto& event : node.database.log()) {
    if (!seen.insert(event.type).second)
      continue;
    for (const auto& [cause, effect] : pairs)
      if (effect == event.type && !seen.contains(cause))
        effects.push_back(effect + " without " + cause);
  }
  return effects;
}

struct story {
  std::string token;
  std::string address;
  order::status end;
  bool is_new = false;
};

/// Plays an order while the `nth` append is refused; true when there were so many.
bool play_and_refuse(int nth, const story& told) {
  contested node;
  const auto product = node.stock_up(10);
  node.refuse(nth);
  auto order = node.order_for({node.line_of(product, 2)}, told.token, told.address);
  order.is_new = told.is_new;
  const auto placed = node.ask<order_placed>(node.orders, order);
  if (!placed) {
    // Told so, and safe to repeat.
    CAF_CHECK_EQUAL(placed.error().code, ec::unavailable);
    CAF_REQUIRE(node.ask<order_placed>(node.orders, order).has_value());
  }
  const auto done = node.rest_of(order.id);
  node.pass(1s);
  CAF_MESSAGE("refused: " << node.refused);
  CAF_CHECK_EQUAL(done.status, told.end);
  CAF_CHECK_EQUAL(auditor{node}.check(), std::vector<std::string>{});
  CAF_CHECK_EQUAL(without_cause(node), std::vector<std::string>{});
  const bool sold = told.end == order::status::completed;
  CAF_CHECK_EQUAL(node.product_of(product).on_hand, sold ? 8 : 10);
  CAF_CHECK_EQUAL(node.product_of(product).reserved, 0);
  CAF_CHECK_EQUAL(node.count_in(node.ledger, "ledger.capture"), sold ? 1u : 0u);
  return !node.refused.empty();
}

/// Of an order whose id may have been used before, and of one whose id is new.
void refuse_each(story told, int at_least) {
  for (const bool is_new : {false, true}) {
    told.is_new = is_new;
    int nth = 1;
    while (play_and_refuse(nth, told))
      ++nth;
    CAF_CHECK(nth > at_least);
  }
}

} // namespace

SCENARIO("G2: when any append of an order is refused, dependent appends are void, and the order completes once") {
  refuse_each({"tok_ok", "Main Street 1", order::status::completed}, 10);
}

SCENARIO("G5: when any append of a compensation is refused, everything is given back once") {
  refuse_each({"tok_ok", "Main Street 1 [couriers: decline]", order::status::cancelled}, 10);
}

SCENARIO("an order does not wait for the commits between its own entities") {
  order_node::options waiting;
  waiting.waits_for_commits = true;
  const auto waited = slow_commits{waiting}.commits_of_an_order();
  const auto went_on = slow_commits{}.commits_of_an_order();
  CAF_MESSAGE("commits in a chain: " << waited << ", going on: " << went_on);
  CHECK_LE(went_on * 2, waited);
}

SCENARIO("an order with a new id does not wait for its first commit either") {
  const auto known = slow_commits{}.commits_of_an_order(false);
  const auto is_new = slow_commits{}.commits_of_an_order(true);
  CAF_MESSAGE("commits in a chain: " << known << ", with a new id: " << is_new);
  CHECK_LT(is_new, known);
}

SCENARIO("G3: an id that is not new after all makes the same order, and what was built on it is void") {
  order_node node;
  const auto product = node.stock_up(10);
  auto order = node.order_for({node.line_of(product, 1)});
  order.is_new = true;
  CAF_REQUIRE(node.ask<order_placed>(node.orders, order).has_value());
  CHECK_EQ(node.rest_of(order.id).status, order::status::completed);
  node.restart();
  const auto again = node.ask<order_placed>(node.orders, order);
  CAF_REQUIRE(again.has_value());
  CHECK(again->replayed);
  node.pass(1s);
  CHECK_EQ(node.rest_of(order.id).status, order::status::completed);
  CHECK_EQ(auditor{node}.check(), std::vector<std::string>{});
  CHECK_EQ(node.product_of(product).on_hand, 9);
  CHECK_EQ(node.count_in(node.ledger, "ledger.capture"), 1u);
}

SCENARIO("G1: nobody outside hears of a change before it is durable, a reader neither") {
  order_node node;
  const auto product = node.stock_up(10);
  node.database.set_available(false);
  const auto changed = node.send<product_view>(node.products, adjust_stock{product, 5, "found", 0, {}});
  const auto read = node.send<product_view>(node.products, get_product{product});
  node.consume_messages();
  CHECK(!changed->has_value());
  CHECK(!read->has_value());
  node.database.set_available(true);
  node.run_to("both answers", [&] { return changed->has_value() && read->has_value(); });
  CHECK_EQ(changed->value().value().on_hand, 15);
  CHECK_EQ(read->value().value().on_hand, 15);
}

SCENARIO("G4: the provider is asked for nothing that is not durable") {
  order_node node;
  int asked = 0;
  std::vector<std::string> too_early;
  node.on_way_to_provider = [&](const caf::message& message) {
    if (message.match_elements<provider_request>()) {
      const auto& request = message.get_as<provider_request>(0);
      const auto stored = node.types_of(request.payment.value);
      ++asked;
      if (stored.empty() || stored.back() != "payment.intent_recorded")
        too_early.push_back(request.key);
    }
    return fate{};
  };
  node.restart();
  const auto product = node.stock_up(10);
  const auto order = node.order_for({node.line_of(product, 1)});
  CAF_REQUIRE(node.ask<order_placed>(node.orders, order).has_value());
  CHECK_EQ(node.rest_of(order.id).status, order::status::completed);
  CHECK_EQ(asked, 2);
  CHECK_EQ(too_early, std::vector<std::string>{});
}

SCENARIO("G1: what goes to another node waits until what it builds on is durable") {
  slow_commits node;
  auto elsewhere = node.services();
  elsewhere.node = "other";
  elsewhere.sequence = nullptr;
  elsewhere.journals = {node.sys.spawn<journal_impl::stateful_impl<journal_state>>(
    node.database.open_journal("other"), journal_settings{}, journal_links{})};
  const auto owner = spawn_payment_region(node.sys, elsewhere, node.chosen().payments, node.provider);
  int captures = 0;
  int early = 0;
  const auto gate =
    spawn_detour(node.sys, caf::actor_cast<caf::strong_actor_ptr>(owner), [&](const caf::message& message) {
      if (message.match_elements<capture_payment>()) {
        ++captures;
        const bool is_early = message.get_as<capture_payment>(0).builds_on.epoch != 0;
        early += is_early || node.count_of("order.delivered") == 0 ? 1 : 0;
      }
      return fate{};
    });
  node.detours = {gate, caf::actor_cast<caf::actor>(owner), caf::actor_cast<caf::actor>(elsewhere.journals.front())};
  caf::anon_send(owner, node.direct());
  caf::anon_send(owner, placement{2, "other", {{"other", caf::actor_cast<caf::strong_actor_ptr>(owner)}}});
  caf::anon_send(node.payments, placement{2, "test", {{"other", caf::actor_cast<caf::strong_actor_ptr>(gate)}}});
  const auto product = node.stock_up(10);
  const auto order = node.order_for({node.line_of(product, 1)});
  CAF_REQUIRE(node.ask<order_placed>(node.orders, order).has_value());
  CHECK_EQ(node.rest_of(order.id).status, order::status::completed);
  CHECK_EQ(captures, 1);
  CHECK_EQ(early, 0);
}
