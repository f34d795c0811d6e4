#define CAF_SUITE actors.waiting
#include "domain/base/errors.hpp"
#include "tests/actors/support/audit.hpp"

#include <algorithm>
#include <map>

#include <caf/telemetry/gauge.hpp>
#include <caf/telemetry/metric_family_impl.hpp>

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

order_node::options with_grace() {
  order_node::options chosen;
  chosen.orders.limits.grace = 1h;
  return chosen;
}

/// For a long time no courier is there.
order_node::options without_couriers() {
  order_node::options chosen;
  chosen.deliveries.pool = courier_pool_kind::real;
  chosen.deliveries.listed = true;
  chosen.deliveries.job.find_within = 24h;
  chosen.orders.limits.deliver = 24h;
  return chosen;
}

/// Each step of a courier takes `step`.
order_node::options with_slow_couriers(milliseconds step, std::uint32_t couriers = 4) {
  order_node::options chosen;
  chosen.couriers.pool_size = couriers;
  chosen.couriers.shortest_delay = chosen.couriers.longest_delay = step;
  chosen.deliveries.job.answer_within = chosen.deliveries.job.start_within = 10 * step;
  return chosen;
}

struct shop : order_node {
  explicit shop(options chosen) : order_node(std::move(chosen)) {}

  bool consume_message() override {
    const bool did = order_node::consume_message();
    messages += did ? 1 : 0;
    return did;
  }

  /// Places `count` orders, one after the other, and returns their ids.
  std::vector<order_id> place(int count) {
    std::vector<order_id> ids;
    for (int i = 0; i < count; ++i) {
      pass(1ms);
      const auto command = order_for({line_of(product, 1)});
      CAF_REQUIRE(ask<order_placed>(orders, command).has_value());
      ids.push_back(command.id);
    }
    return ids;
  }

  template <class Region>
  std::uint64_t active(const Region& region) {
    auto answer = send<actor_list>(region, list_actors{});
    consume_messages();
    return (*answer)->value().total;
  }

  std::uint64_t active_in_all() { return active(orders) + active(payments) + active(deliveries); }

  stored_entity row_of(const std::string& id) const {
    return database.open_query()->run(load_entity{entity_kind::order, id}).value();
  }

  /// The orders in memory as /metrics counts them.
  std::int64_t shown_active() {
    return sys.metrics()
      .gauge_family("waybill", "entities-active", {"type"}, "Entities in memory; those that wait are not.")
      ->get_or_add({{"type", "order"}})
      ->value();
  }

  /// The deliveries with an event of that type, as they came to it. Payments take random times.
  std::vector<std::string> deliveries_in(const std::string& type) const {
    std::vector<std::string> ids;
    for (const auto& event : database.log())
      if (event.type == type)
        ids.push_back(event.stream);
    return ids;
  }

  /// When the deliveries with events of `type` were requested, in the order of these events. Several may have been
  /// requested at one moment.
  std::vector<timestamp> requests_of(const std::string& type) const {
    std::map<std::string, timestamp> requested;
    std::vector<timestamp> times;
    for (const auto& event : database.log()) {
      if (event.type == "delivery.requested")
        requested[event.stream] = event.at;
      if (event.type == type)
        times.push_back(requested.at(event.stream));
    }
    return times;
  }

  std::size_t completed() const { return count_of("order.completed"); }

  std::size_t messages = 0;
  product_id product = stock_up(100'000);
};

/// How many messages `count` orders that wait for a courier lead to in an hour and a half.
std::size_t cost_of_waiting(int count) {
  shop world{without_couriers()};
  world.place(count);
  world.pass(1min);
  CHECK_EQ(world.count_of("order.fulfillment_started"), static_cast<std::size_t>(count));
  CHECK_EQ(world.active_in_all(), 0u);
  const auto commits = world.database.commits();
  world.messages = 0;
  world.pass(90min);
  CHECK_EQ(world.active_in_all(), 0u);
  CHECK_EQ(world.database.commits(), commits);
  return world.messages;
}

} // namespace

SCENARIO("an order that waits for a courier leaves memory, and a waiting order costs nothing") {
  const auto for_few = cost_of_waiting(10);
  // Clocks of the node may tick once more or less.
  constexpr std::size_t some_ticks = 20;
  CHECK(cost_of_waiting(200) <= for_few + some_ticks);
}

SCENARIO("G9: orders that wait do not count as active: new customers are served") {
  auto chosen = with_grace();
  chosen.orders.region.max_active = 3;
  shop world{chosen};
  world.place(3);
  const auto refused = world.ask<order_placed>(world.orders, world.order_for({world.line_of(world.product, 1)}));
  CAF_REQUIRE(refused.has_error());
  CHECK_EQ(refused.error().code, ec::overloaded);
  CHECK_EQ(world.shown_active(), 3);
  for (int i = 0; i < 5; ++i) {
    world.pass(15s);
    world.place(3);
  }
  world.pass(15s);
  CHECK_EQ(world.active_in_all(), 0u);
  CHECK_EQ(world.shown_active(), 0);
}

SCENARIO("G5: an order in its grace is woken at its time, never before, wherever the node was in between") {
  for (const bool restarts : {false, true}) {
    shop world{with_grace()};
    const auto begin = world.time();
    world.place(20);
    world.pass(30min);
    CHECK_EQ(world.active_in_all(), 0u);
    if (restarts) {
      world.restart();
      world.pass(10s);
      CHECK_EQ(world.active_in_all(), 0u);
    }
    world.pass(40min);
    CHECK_EQ(world.completed(), 20u);
    for (const auto& event : world.database.log()) {
      if (event.type == "delivery.requested") {
        CHECK(event.at >= begin + 1h);
        CHECK(event.at < begin + 1h + 2s);
      }
    }
    CHECK_EQ(auditor{world}.check(), std::vector<std::string>{});
  }
}

SCENARIO("G5: a due time that passes while the node is away is noticed when it comes back") {
  shop world{with_grace()};
  world.place(3);
  world.pass(10min);
  world.close();
  world.pass(50min + 30s);
  world.open();
  const auto back = world.time();
  world.run_to("all orders to be completed", [&] { return world.completed() == 3; });
  CHECK(world.time() < back + 2s);
}

SCENARIO("a message wakes an order that waits, and a read leaves nothing behind") {
  shop world{with_grace()};
  const auto ids = world.place(2);
  world.pass(1min);
  const auto commits = world.database.commits();
  CHECK_EQ(world.order_of(ids[0]).status, order::status::confirmed);
  CHECK_EQ(world.active(world.orders), 1u);
  world.pass(1min);
  CHECK_EQ(world.active_in_all(), 0u);
  CHECK_EQ(world.database.commits(), commits);
  CAF_REQUIRE(world.ask<order::state>(world.orders, cancel_order{ids[1], "no", 0, {}, of_everything()}).has_value());
  CHECK_EQ(world.rest_of(ids[1]).status, order::status::cancelled);
  CHECK_EQ(world.order_of(ids[0]).status, order::status::confirmed);
}

SCENARIO("an authorised payment whose order waits is not unfinished, and its capture is") {
  shop world{with_slow_couriers(20s)};
  const auto ids = world.place(1);
  const auto payment = sibling_id<payment_id>(ids[0]).value;
  world.pass(30s);
  CHECK_EQ(world.stored<payment::state>(payment).status, payment::status::authorized);
  CHECK(!world.row_of(payment).unfinished);
  CHECK_EQ(world.active(world.payments), 0u);
  world.run_to("the intent to capture", [&] {
    const auto types = world.types_of(payment);
    return types.back() == "payment.intent_recorded" && types.size() == 3;
  });
  CHECK(world.row_of(payment).unfinished);
  world.restart();
  const auto back = world.time();
  world.run_to("the capture", [&] { return world.count_of("payment.captured") == 1; });
  CHECK(world.time() < back + 5s);
}

SCENARIO("G7: an order that a message woke and whose node dies in the middle goes on at once") {
  shop world{with_slow_couriers(20s)};
  world.place(1);
  world.pass(30s);
  CHECK_EQ(world.active(world.orders), 0u);
  world.run_to("the end of the delivery", [&] { return world.count_of("order.delivered") == 1; });
  world.restart();
  const auto back = world.time();
  world.run_to("the end", [&] { return world.completed() == 1; });
  CHECK(world.time() < back + 5s);
}

SCENARIO("G7: a delivery repeats that it has ended until its order has recorded it, over crashes") {
  for (const bool at_delivery : {true, false}) {
    shop world{with_slow_couriers(20s)};
    const auto ids = world.place(1);
    const auto delivery = sibling_id<delivery_id>(ids[0]).value;
    world.pass(30s);
    CHECK_EQ(world.active(world.orders), 0u);
    world.run_to("the end of the delivery", [&] { return world.count_of("delivery.completed") == 1; });
    CHECK(world.row_of(delivery).unfinished);
    CHECK_EQ(world.count_of("order.delivered"), 0u);
    if (at_delivery) {
      // Before the order has heard of it.
      world.restart();
    } else {
      // No node has the role of the order.
      caf::anon_send(world.orders, placement{2, "test", {}});
      world.pass(3min);
      caf::anon_send(world.orders,
                     placement{3, "test", {{"test", caf::actor_cast<caf::strong_actor_ptr>(world.orders)}}});
    }
    const auto back = world.time();
    world.run_to("the end", [&] { return world.completed() == 1; });
    CHECK(world.time() < back + 10s);
    world.pass(1min);
    CHECK(!world.row_of(delivery).unfinished);
    CHECK_EQ(world.active_in_all(), 0u);
    CHECK_EQ(auditor{world}.check(), std::vector<std::string>{});
  }
}

SCENARIO("deliveries that wait for a courier queue outside of memory and get one in their turn") {
  auto chosen = with_slow_couriers(5s, 1);
  chosen.couriers.max_waiting = 2;
  shop world{chosen};
  const auto ids = world.place(12);
  world.pass(1min);
  // One has the courier, two wait in the pool.
  CHECK(world.active(world.deliveries) <= 4);
  // A new pool does not know the waiting deliveries.
  world.restart();
  world.run_to("all orders to be completed", [&] { return world.completed() == ids.size(); });
  CHECK_EQ(world.deliveries_in("delivery.completed").size(), ids.size());
  CHECK(std::ranges::is_sorted(world.requests_of("delivery.completed")));
  world.pass(1min);
  CHECK_EQ(auditor{world}.check(), std::vector<std::string>{});
}

SCENARIO("a courier who comes online after an hour gets the delivery that waits longest") {
  shop world{without_couriers()};
  world.place(5);
  world.pass(1h);
  CHECK_EQ(world.active_in_all(), 0u);
  const auto user = derive_id<user_id>("ann");
  const auto ann = sibling_id<courier_id>(user);
  CAF_REQUIRE(world.ask<courier::state>(world.couriers, add_courier{{ann, user, "Ann", 1}, {}}).has_value());
  change_courier online;
  online.id = ann;
  online.change.online = true;
  online.on_behalf = {false, ann};
  CAF_REQUIRE(world.ask<courier::state>(world.couriers, online).has_value());
  const auto begin = world.time();
  world.run_to("an offer", [&] { return world.count_of("delivery.offered") == 1; });
  CHECK(world.time() < begin + 5s);
  CHECK(world.requests_of("delivery.offered").front() == world.requests_of("delivery.requested").front());
}

SCENARIO("a node that takes over shards loads entities that are working or due, and none that only waits") {
  shop world{with_grace()};
  world.place(10);
  world.pass(1min);
  auto services = world.services();
  services.node = "other";
  auto other = spawn_order_region(world.sys, services, world.chosen().orders);
  caf::anon_send(other, world.direct());
  caf::anon_send(world.orders, placement{2, "test", {}});
  caf::anon_send(other, placement{2, "other", {{"other", caf::actor_cast<caf::strong_actor_ptr>(other)}}});
  world.pass(30s);
  CHECK_EQ(world.active(other), 0u);
  world.pass(61min);
  CHECK_EQ(world.count_of("delivery.requested"), 10u);
  caf::anon_send_exit(other, caf::exit_reason::user_shutdown);
  world.consume_messages();
}
