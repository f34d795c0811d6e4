#define CAF_SUITE actors.absence
#include "tests/actors/support/audit.hpp"

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

/// A node whose absences are known, as its table of absences would tell.
struct absent_node : order_node {
  explicit absent_node(options chosen = {}) : order_node(std::move(chosen)) {
    shared_time = std::make_shared<cluster_time>(
      24h, [this] { return cluster_time::steady::time_point{sched.clock().current_time.time_since_epoch()}; });
    tell_absences();
    restart();
  }

  void tell_absences() {
    shared_time->update(time(), cluster_time::steady::time_point{sched.clock().current_time.time_since_epoch()},
                        absences{known});
  }

  /// The node ends and is started again later: no step could be taken meanwhile.
  void be_down(std::chrono::seconds lasts) {
    close();
    const auto since = time();
    sched.clock().current_time += lasts;
    for (const auto role : {role::gateway, role::order, role::payment, role::inventory, role::delivery})
      known.push_back({role, since, time()});
    tell_absences();
    open();
  }

  /// Nobody serves `gone`, and its region finds no owner.
  template <class Region>
  void take_away(role gone, const Region& region) {
    known.push_back({gone, time(), std::nullopt});
    tell_absences();
    caf::anon_send(region, placement{++epoch, "test", {}});
  }

  template <class Region>
  void bring_back(const Region& region) {
    known.back().until = time();
    tell_absences();
    caf::anon_send(region, placement{++epoch, "test", {{"test", caf::actor_cast<caf::strong_actor_ptr>(region)}}});
  }

  place_order new_order(const std::string& token = "tok_ok", const std::string& address = "Main Street 1") {
    product = stock_up(10);
    return order_for({line_of(product, 2)}, token, address);
  }

  /// Places the order and stops the node for `lasts` after every `stride` messages, three times.
  order::state play_with_stops(const place_order& wish, int stride, std::chrono::seconds lasts) {
    CAF_REQUIRE(ask<order_placed>(orders, wish).has_value());
    for (int stops = 0; stops < 3; ++stops) {
      for (int i = 0; i < stride; ++i)
        if (!consume_message())
          trigger_timeout();
      be_down(lasts);
    }
    run_to("the end", [&] { return order::is_at_rest(stored<order::state>(wish.id.value).status); });
    pass(1s);
    return stored<order::state>(wish.id.value);
  }

  std::vector<absence> known;
  std::uint64_t epoch = 1;
  product_id product;
};

constexpr auto strides = {1, 2, 3, 5, 7, 11, 13, 17, 23, 31, 41, 53, 67};
// Three of them are longer than every deadline, but not than the time to live of a reservation.
constexpr auto longest_stop = 35min;

} // namespace

SCENARIO("G10: an order completes although its node was down at any moment for longer than its deadlines") {
  for (const auto lasts : {std::chrono::seconds{70}, std::chrono::seconds{longest_stop}})
    for (const int stride : strides) {
      absent_node node;
      const auto done = node.play_with_stops(node.new_order(), stride, lasts);
      CHECK_EQ(done.status, order::status::completed);
      CHECK_EQ(node.count_of("order.cancel_requested"), 0u);
      CHECK_EQ(node.count_of("delivery.aborted"), 0u);
      CHECK_EQ(auditor{node}.check(), std::vector<std::string>{});
    }
}

SCENARIO("G10: a compensation goes on to its end although its node was down at any moment") {
  for (const int stride : strides) {
    absent_node node;
    const auto done =
      node.play_with_stops(node.new_order("tok_ok", "Main Street 1 [couriers: decline]"), stride, longest_stop);
    CHECK_EQ(done.status, order::status::cancelled);
    CHECK_EQ(node.product_of(node.product).on_hand, 10);
    CHECK_EQ(node.product_of(node.product).reserved, 0);
  }
}

SCENARIO("G10: orders wait for a role without a node, and continue when it is back") {
  absent_node node;
  const auto wish = node.new_order();
  node.take_away(role::inventory, node.products);
  CAF_REQUIRE(node.ask<order_placed>(node.orders, wish).has_value());
  node.pass(10min);
  CHECK_EQ(node.stored<order::state>(wish.id.value).status, order::status::placed);
  node.bring_back(node.products);
  CHECK_EQ(node.rest_of(wish.id).status, order::status::completed);
}

SCENARIO("G10: an absent payment role delays the capture of a delivered order, and nothing is lost") {
  absent_node node;
  const auto wish = node.new_order();
  node.run_to_status(wish, order::status::fulfilling);
  node.take_away(role::payment, node.payments);
  node.pass(20min);
  CHECK_EQ(node.count_of("order.delivered"), 1u);
  CHECK_EQ(node.count_of("order.needs_attention"), 0u);
  node.bring_back(node.payments);
  CHECK_EQ(node.rest_of(wish.id).status, order::status::completed);
}

SCENARIO("G10: the time of human couriers does not run while no gateway is up, through which they act") {
  order_node::options people;
  people.orders.real_couriers = true;
  // The delivery has its own time limits, which are longer here.
  auto& job = people.deliveries.job;
  job.answer_within = job.start_within = job.finish_within = job.find_within = 48h;
  absent_node node{people};
  const auto wish = node.new_order("tok_ok", "Main Street 1 [couriers: hold]");
  node.run_to_status(wish, order::status::fulfilling);
  node.known.push_back({role::gateway, node.time(), std::nullopt});
  node.tell_absences();
  node.pass(2 * node.chosen().orders.limits.deliver);
  CHECK_EQ(node.count_of("order.needs_attention") + node.count_of("order.cancel_requested"), 0u);
  node.known.back().until = node.time();
  node.tell_absences();
  node.pass(2 * node.chosen().orders.limits.deliver);
  CHECK_EQ(node.count_of("order.needs_attention") + node.count_of("order.cancel_requested"), 1u);
}

SCENARIO("G10: a hold's deadline counts only time in which an operator could release the order") {
  absent_node node;
  const auto wish = node.new_order();
  CAF_REQUIRE(node.ask<order_placed>(node.orders, wish).has_value());
  CAF_REQUIRE(
    node.ask<order::state>(node.orders, hold_order{wish.id, "looks odd", 0, {}, of_everything()}).has_value());
  node.pass(1min);
  node.be_down(3h);
  node.pass(1min);
  CHECK_EQ(node.count_of("order.cancel_requested"), 0u);
  CHECK(node.stored<order::state>(wish.id.value).hold.has_value());
  node.pass(std::chrono::hours{2});
  CHECK_EQ(node.count_of("order.cancel_requested"), 1u);
}

SCENARIO("G10: a payment's deadline counts only time in which the customer could pay") {
  absent_node node;
  auto wish = node.new_order();
  wish.payment = {std::string{order::deferred_method}, {}};
  CAF_REQUIRE(node.ask<order_placed>(node.orders, wish).has_value());
  node.pass(1min);
  node.be_down(3h);
  node.pass(1min);
  CHECK_EQ(node.count_of("order.cancel_requested"), 0u);
  CHECK_EQ(node.stored<order::state>(wish.id.value).payment_status, order::payment_status::awaiting);
  node.pass(std::chrono::hours{2});
  CHECK_EQ(node.count_of("order.cancel_requested"), 1u);
}

SCENARIO("G7, G10: stock that is up but does not answer ends the order at its deadline, after an absence too") {
  absent_node node;
  const auto wish = node.new_order();
  // Its role has a node in the table, but no other node reaches it.
  caf::anon_send(node.products, placement{++node.epoch, "test", {}});
  CAF_REQUIRE(node.ask<order_placed>(node.orders, wish).has_value());
  node.pass(10s);
  node.be_down(1h);
  caf::anon_send(node.products, placement{++node.epoch, "test", {}});
  const auto back = node.time();
  node.run_to("a cancellation", [&] { return node.count_of("order.cancel_requested") == 1; });
  CHECK(node.time() >= back + node.chosen().orders.limits.reserve - 11s);
  CHECK(node.time() <= back + node.chosen().orders.limits.reserve + 5s);
}

SCENARIO("G10: a courier who vanished is detected after their whole time limit, although the node was down meanwhile") {
  absent_node node;
  const auto wish = node.new_order("tok_ok", "Main Street 1 [couriers: vanish, complete]");
  node.run_to_status(wish, order::status::fulfilling);
  node.run_to("an assignment", [&] { return node.count_of("delivery.assigned") == 1; });
  node.be_down(1h);
  const auto back = node.time();
  node.run_to("an end", [&] { return node.count_of("delivery.aborted") == 1; });
  CHECK(node.time() >= back + node.chosen().deliveries.job.start_within);
  CHECK(node.time() <= back + node.chosen().deliveries.job.start_within + 1s);
  CHECK_EQ(node.rest_of(wish.id).status, order::status::completed);
}
