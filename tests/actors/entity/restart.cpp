#define CAF_SUITE actors.restart
#include "tests/actors/support/audit.hpp"

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

/// Plays one order and kills the node at every `stride`-th message, once `first` have passed.
struct interrupted : order_node {
  interrupted() = default;
  explicit interrupted(options chosen) : order_node(std::move(chosen)) {}

  order::state play(const std::string& token, const std::string& address, int stride) {
    product = stock_up(10);
    const auto order = order_for({line_of(product, 2)}, token, address);
    CAF_REQUIRE(ask<order_placed>(orders, order).has_value());
    constexpr int most_crashes = 12;
    for (int crashes = 0; crashes < most_crashes; ++crashes) {
      for (int i = 0; i < stride; ++i)
        if (!consume_message())
          trigger_timeout();
      restart();
    }
    run_to("the end", [&] { return order::is_at_rest(stored<order::state>(order.id.value).status); });
    pass(1s);
    return stored<order::state>(order.id.value);
  }

  product_id product;
};

constexpr auto strides = {1, 2, 3, 5, 7, 11, 13, 17, 23, 29, 31, 37, 41, 53, 67, 83, 101};

} // namespace

SCENARIO("G1: an order whose node is killed at every k-th message completes, each effect once") {
  for (const int stride : strides) {
    interrupted node;
    const auto done = node.play("tok_ok", "Main Street 1", stride);
    CHECK_EQ(done.status, order::status::completed);
    CHECK_EQ(auditor{node}.check(), std::vector<std::string>{});
    CHECK_EQ(node.product_of(node.product).on_hand, 8);
    CHECK_EQ(node.count_in(node.ledger, "ledger.capture"), 1u);
  }
}

SCENARIO("G7: a node that comes back continues unfinished orders at once, without any request") {
  interrupted node;
  const auto product = node.stock_up(10);
  const auto order = node.order_for({node.line_of(product, 1)}, "tok_late");
  node.run_to_status(order, order::status::placed);
  node.restart();
  const auto start = node.time();
  node.consume_messages();
  CHECK_EQ(node.ask<actor_list>(node.orders, list_actors{}).value().total, 1u);
  CHECK(node.time() == start);
  CHECK_EQ(node.rest_of(order.id).status, order::status::completed);
}

SCENARIO("G5: a compensation whose node is killed at every k-th message ends, with everything given back") {
  for (const int stride : strides) {
    interrupted node;
    const auto done = node.play("tok_ok", "Main Street 1 [couriers: decline]", stride);
    CHECK_EQ(done.status, order::status::cancelled);
    CHECK_EQ(auditor{node}.check(), std::vector<std::string>{});
    CHECK_EQ(node.product_of(node.product).on_hand, 10);
    CHECK_EQ(node.product_of(node.product).reserved, 0);
  }
}

SCENARIO("G5: a courier's time limit keeps running through restarts, and never ends early") {
  interrupted node;
  const auto product = node.stock_up(10);
  const auto order = node.order_for({node.line_of(product, 1)}, "tok_ok", "Main Street 1 [couriers: vanish, complete]");
  node.run_to_status(order, order::status::fulfilling);
  node.run_to("an assignment", [&] { return node.count_of("delivery.assigned") == 1; });
  const auto assigned = node.time();
  while (node.count_of("delivery.aborted") == 0) {
    node.restart();
    node.pass(5'500ms);
    CAF_REQUIRE(node.time() < assigned + 30s);
  }
  const auto within = node.chosen().deliveries.job.start_within;
  for (const auto& event : node.database.log())
    if (event.type == "delivery.aborted")
      CHECK(event.at >= assigned + within && event.at < assigned + within + 1s);
  CHECK_EQ(node.rest_of(order.id).status, order::status::completed);
}

SCENARIO("G5: a step's deadline is kept over restarts: it fires, and not early") {
  interrupted node;
  const auto product = node.stock_up(10);
  const auto order = node.order_for({node.line_of(product, 1)});
  const auto begin = node.time();
  // Nobody knows the stock: it is another node's, which cannot be reached.
  caf::anon_send(node.products, placement{2, "test", {}});
  CAF_REQUIRE(node.ask<order_placed>(node.orders, order).has_value());
  const auto limit = node.chosen().orders.limits.reserve;
  for (int i = 0; i < 9; ++i) {
    node.restart();
    caf::anon_send(node.products, placement{2, "test", {}});
    CHECK(node.time() < begin + limit);
    node.pass(3s);
  }
  node.pass(5s);
  CHECK_EQ(node.count_of("order.cancel_requested"), 1u);
  for (const auto& event : node.database.log())
    if (event.type == "order.cancel_requested")
      CHECK(event.at >= begin + limit);
}
