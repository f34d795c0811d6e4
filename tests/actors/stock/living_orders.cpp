#define CAF_SUITE actors.living_orders
#include "domain/base/errors.hpp"
#include "tests/actors/support/audit.hpp"
#include "tests/actors/support/changeable_order.hpp"

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

// No stock is sold twice: the reservation of a living order does not end by time, with any options.

namespace {

constexpr auto ttl = 8s;

/// Reservations are asked about after seconds; orders take hours.
order_node::options with_slow_couriers() {
  order_node::options chosen;
  chosen.products.stock.reservation_ttl = ttl;
  chosen.orders.limits.deliver = 24h;
  chosen.orders.limits.hold = 12h;
  chosen.deliveries.job.answer_within = chosen.deliveries.job.start_within = chosen.deliveries.job.finish_within = 5h;
  chosen.couriers.shortest_delay = chosen.couriers.longest_delay = milliseconds{50min};
  return chosen;
}

struct fixture : changeable_order {
  fixture() : changeable_order(with_slow_couriers()) {}
  ~fixture() override { CHECK_EQ(auditor{*this}.check(), std::vector<std::string>{}); }

  /// An order for the last unit.
  place_order place_last() {
    product = stock_up(1, make_id_suffix());
    order = order_for({line_of(product, 1)});
    CAF_REQUIRE(ask<order_placed>(orders, order).has_value());
    return order;
  }

  /// The final state of an order, after any time: the steps of `rest_of` alone are bounded.
  order::state end_of(const order_id& id) {
    pass(3h);
    return rest_of(id);
  }

  /// The final state of another order for one unit.
  order::state rival() {
    const auto other = order_for({line_of(product, 1)});
    CAF_REQUIRE(ask<order_placed>(orders, other).has_value());
    return rest_of(other.id);
  }

  void check_kept() {
    CHECK_EQ(product_of(product).on_hand - product_of(product).reserved, 0);
    CHECK_EQ(count_of("stock.expired"), 0u);
  }

  stock_answer reserve_for(const order_id& id, std::int64_t quantity) {
    return ask<stock_answer>(products, reserve_stock{product, id, customer, quantity, time() + 2s, {}}).value();
  }
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("goods in a courier's hands are not sold again, however long the delivery takes") {
  place_last();
  pass(2h);
  CHECK_EQ(order_of(order.id).status, order::status::fulfilling);
  check_kept();
  CHECK_EQ(rival().status, order::status::rejected);
  const auto done = end_of(order.id);
  CHECK_EQ(done.status, order::status::completed);
  CHECK_EQ(done.captured.amount, 1000);
  CHECK_EQ(product_of(product).on_hand, 0);
  CHECK_EQ(count_of("stock.expired"), 0u);
}

SCENARIO("the goods of an order that is held, and then revised, are kept until it ends") {
  place_held();
  pass(3h);
  CHECK_EQ(reserved(), 2);
  CAF_REQUIRE(ask<order::state>(orders, revise({line_of(product, 10)})).has_error());
  pass(1min);
  CAF_REQUIRE(ask<order::state>(orders, revise({line_of(product, 3)}, "second")).has_value());
  pass(3h);
  CHECK_EQ(reserved(), 3);
  CAF_REQUIRE(ask<order::state>(orders, release()).has_value());
  CHECK_EQ(end_of(order.id).status, order::status::completed);
  CHECK_EQ(product_of(product).on_hand, 7);
  CHECK_EQ(count_of("stock.expired"), 0u);
}

SCENARIO("the goods of an order in needs_attention are kept until an operator ends it") {
  place_last();
  bool blocked = true;
  detours.push_back(spawn_detour(sys, direct().products, [&](const caf::message& message) {
    return fate{!blocked || !message.match_elements<commit_stock>()};
  }));
  auto handles = direct();
  handles.products = caf::actor_cast<caf::strong_actor_ptr>(detours.back());
  connect(handles);
  CHECK_EQ(end_of(order.id).status, order::status::needs_attention);
  blocked = false;
  pass(48h);
  check_kept();
  CHECK_EQ(rival().status, order::status::rejected);
  CAF_REQUIRE(ask<order::state>(orders, retry_order{order.id, "again", "it works now", 0, an_operator, of_everything()})
                .has_value());
  CHECK_EQ(end_of(order.id).status, order::status::completed);
  CHECK_EQ(product_of(product).on_hand, 0);
}

SCENARIO("while the database cannot say whether the order is alive its goods are kept") {
  place_last();
  run_to("a dispatched order", [&] { return order_of(order.id).status == order::status::fulfilling; });
  database.set_available(false);
  pass(10min);
  database.set_available(true);
  pass(30s);
  check_kept();
  CHECK_EQ(end_of(order.id).status, order::status::completed);
}

SCENARIO("a reservation of an order that is over or unknown is released, one of a living order stays") {
  place_last();
  CAF_REQUIRE(ask<product_view>(products, adjust_stock{product, 5, "delivery", 0, {}}).has_value());
  const auto over = order_for({line_of(product, 1)});
  CAF_REQUIRE(ask<order_placed>(orders, over).has_value());
  run_to("a dispatched order", [&] { return order_of(over.id).status == order::status::fulfilling; });
  CAF_REQUIRE(ask<order::state>(orders, cancel_order{over.id, "too slow", 0, {}, of_everything()}).has_value());
  CHECK_EQ(rest_of(over.id).status, order::status::cancelled);
  // As if a request had come by after its order was over, under a number that it never used.
  CHECK(reserve_for(order::reservation_of(over.id, 7), 1).reserved);
  CHECK(reserve_for(make_id<order_id>(), 2).reserved);
  CHECK_EQ(reserved(), 4);
  pass(ttl + 6s);
  CHECK_EQ(reserved(), 1);
  CHECK_EQ(count_of("stock.expired"), 2u);
  CHECK_EQ(end_of(order.id).status, order::status::completed);
}

SCENARIO("a crash at any message keeps the goods of a living order, and releases those without an order") {
  for (int messages = 0; messages < 60; ++messages) {
    fixture w;
    w.place_last();
    CAF_REQUIRE(w.ask<product_view>(w.products, adjust_stock{w.product, 1, "delivery", 0, {}}).has_value());
    w.run_to("a dispatched order", [&] { return w.order_of(w.order.id).status == order::status::fulfilling; });
    CHECK(w.reserve_for(make_id<order_id>(), 1).reserved);
    w.pass(ttl - 1s);
    for (int i = 0; i < messages; ++i)
      if (!w.consume_message())
        w.trigger_timeout();
    w.restart();
    w.pass(ttl + 10s);
    CHECK_EQ(w.reserved(), 1);
    CHECK_EQ(w.count_of("stock.expired"), 1u);
  }
}

SCENARIO("many reservations of orders that are over end in appends of bounded size") {
  product = stock_up(3'000, "sku");
  std::vector<pending<stock_answer>> answers;
  for (int i = 0; i < 2'300; ++i)
    answers.push_back(
      send<stock_answer>(products, reserve_stock{product, make_id<order_id>(), customer, 1, time() + 2s, {}}));
  run_to("all answers", [&] { return answers.back()->has_value(); });
  order = order_for({line_of(product, 1)});
  CAF_REQUIRE(ask<order_placed>(orders, order).has_value());
  std::size_t most_events = 0;
  std::size_t most_rows = 0;
  database.before_commit([&](std::span<const append> batch) {
    for (const auto& request : batch) {
      most_events = std::max(most_events, request.events.size());
      most_rows = std::max(most_rows, request.rows.size());
    }
  });
  pass(1min);
  CHECK_EQ(reserved(), 1);
  CHECK_EQ(count_of("stock.expired"), 2'300u);
  CHECK_EQ(most_events, max_ended_orders);
  // Their rows go too, some with each append.
  for (int i = 0; i < 6; ++i) {
    pass(10s);
    CAF_REQUIRE(ask<product_view>(products, adjust_stock{product, 1, "delivery", 0, {}}).has_value());
  }
  CHECK(most_rows <= 2 * max_ended_orders + 1);
  database.before_commit({});
  CHECK_EQ(end_of(order.id).status, order::status::completed);
}

END_FIXTURE_SCOPE()
