#define CAF_SUITE actors.restart
#include "tests/actors/audit/audit.hpp"

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

/// Plays one order and kills the node at every `stride`-th message, once `first` have passed.
struct interrupted : shop {
  interrupted() = default;
  explicit interrupted(options chosen) : shop(std::move(chosen)) {}

  order::state play(const std::string& token, const std::string& address, int stride) {
    product = stock_up(10);
    const auto what = order_for({line_of(product, 2)}, token, address);
    CAF_REQUIRE(ask<order_placed>(orders, what).has_value());
    constexpr int most_crashes = 12;
    for (int crashes = 0; crashes < most_crashes; ++crashes) {
      for (int i = 0; i < stride; ++i)
        if (!consume_message())
          trigger_timeout();
      restart();
    }
    run_to("the end", [&] { return order::is_at_rest(stored<order::state>(what.id.value).status); });
    pass(1s);
    return stored<order::state>(what.id.value);
  }

  product_id product;
};

constexpr auto strides = {1, 2, 3, 5, 7, 11, 13, 17, 23, 29, 31, 37, 41, 53, 67, 83, 101};

} // namespace

SCENARIO("G1: an order whose node is killed at every k-th message completes, each effect once") {
  for (const int stride : strides) {
    interrupted shop;
    const auto done = shop.play("tok_ok", "Main Street 1", stride);
    CHECK_EQ(done.status, order::status::completed);
    CHECK_EQ(auditor{shop}.check(), std::vector<std::string>{});
    CHECK_EQ(shop.product_of(shop.product).on_hand, 8);
    CHECK_EQ(shop.count_in(shop.ledger, "ledger.capture"), 1u);
  }
}

SCENARIO("G7: a node that comes back goes on at once with what is unfinished, and nobody has to ask") {
  interrupted shop;
  const auto thing = shop.stock_up(10);
  const auto what = shop.order_for({shop.line_of(thing, 1)}, "tok_late");
  shop.run_to_status(what, order::status::placed);
  shop.restart();
  const auto start = shop.time();
  shop.consume_messages();
  CHECK_EQ(shop.ask<actor_list>(shop.orders, list_actors{}).value().total, 1u);
  CHECK(shop.time() == start);
  CHECK_EQ(shop.rest_of(what.id).status, order::status::completed);
}

SCENARIO("G5: a compensation whose node is killed at every k-th message ends, with everything given back") {
  for (const int stride : strides) {
    interrupted shop;
    const auto done = shop.play("tok_ok", "Main Street 1 [couriers: decline]", stride);
    CHECK_EQ(done.status, order::status::cancelled);
    CHECK_EQ(auditor{shop}.check(), std::vector<std::string>{});
    CHECK_EQ(shop.product_of(shop.product).on_hand, 10);
    CHECK_EQ(shop.product_of(shop.product).reserved, 0);
  }
}

SCENARIO("G5: a courier's time runs on over restarts, and is never cut short") {
  interrupted shop;
  const auto thing = shop.stock_up(10);
  const auto what = shop.order_for({shop.line_of(thing, 1)}, "tok_ok", "Main Street 1 [couriers: vanish, complete]");
  shop.run_to_status(what, order::status::fulfilling);
  shop.run_to("an assignment", [&] { return shop.count_of("delivery.assigned") == 1; });
  const auto assigned = shop.time();
  while (shop.count_of("delivery.aborted") == 0) {
    shop.restart();
    shop.pass(5'500ms);
    CAF_REQUIRE(shop.time() < assigned + 30s);
  }
  const auto within = shop.chosen().deliveries.job.start_within;
  for (const auto& event : shop.database.log())
    if (event.type == "delivery.aborted")
      CHECK(event.at >= assigned + within && event.at < assigned + within + 1s);
  CHECK_EQ(shop.rest_of(what.id).status, order::status::completed);
}

SCENARIO("G5: a step's deadline is kept over restarts: it fires, and not early") {
  interrupted shop;
  const auto thing = shop.stock_up(10);
  const auto what = shop.order_for({shop.line_of(thing, 1)});
  const auto begin = shop.time();
  // Nobody knows the stock: it is another node's, which cannot be reached.
  caf::anon_send(shop.products, placement{2, "test", {}});
  CAF_REQUIRE(shop.ask<order_placed>(shop.orders, what).has_value());
  const auto limit = shop.chosen().orders.limits.reserve;
  for (int i = 0; i < 9; ++i) {
    shop.restart();
    caf::anon_send(shop.products, placement{2, "test", {}});
    CHECK(shop.time() < begin + limit);
    shop.pass(3s);
  }
  shop.pass(5s);
  CHECK_EQ(shop.count_of("order.cancel_requested"), 1u);
  for (const auto& event : shop.database.log())
    if (event.type == "order.cancel_requested")
      CHECK(event.at >= begin + limit);
}
