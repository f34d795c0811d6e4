#define CAF_SUITE actors.order_cache
#include "tests/actors/support/order_node.hpp"

#include "actors/order/order_cache.hpp"
#include "domain/json/codec.hpp"

#include <set>

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

struct fixture : order_node {
  std::shared_ptr<const order::state> published(const order_id& id) const { return cache->find({id, of_everything()}); }

  /// How many events of the order are durable.
  std::size_t durable(const order_id& id) const { return types_of(id.value).size(); }

  template <class Region>
  void place(const Region& region, std::vector<region_peer> peers, bool fenced = false) {
    caf::anon_send(region, placement{++epoch, "test", std::move(peers), {}, fenced});
  }

  place_order finished_order() {
    auto order = order_for({line_of(stock_up(10), 1)});
    CAF_REQUIRE(ask<order_placed>(orders, order).has_value());
    CAF_REQUIRE_EQUAL(rest_of(order.id).status, order::status::completed);
    return order;
  }

  std::uint64_t epoch = 10;
};

order::state state_of(const std::string& id, std::uint64_t version) {
  order::state made;
  made.id = order_id{id};
  made.customer = customer_id{"cus_1"};
  made.version = version;
  return made;
}

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("an order that was read stays published until it changes, for callers who may see it") {
  const auto order = order_for({line_of(stock_up(10), 1)});
  CAF_REQUIRE(ask<order_placed>(orders, order).has_value());
  CHECK(!published(order.id));
  const auto first = order_of(order.id);
  CAF_REQUIRE(published(order.id));
  CHECK_EQ(encode(*published(order.id)), encode(first));
  CHECK(cache->find({order.id, {false, order.customer}}));
  CHECK(!cache->find({order.id, {false, customer_id{"cus_somebody_else"}}}));
  CHECK(!cache->find({make_id<order_id>(), of_everything()}));
  CHECK(rest_of(order.id).version > first.version);
  CHECK(!published(order.id));
  CHECK_EQ(order_of(order.id).status, order::status::completed);
  CAF_REQUIRE(published(order.id));
  CHECK_EQ(published(order.id)->status, order::status::completed);
}

SCENARIO("a published order is never older than the log") {
  std::set<std::uint64_t> seen;
  int too_old = 0;
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    const auto product = stock_up(10, "sku" + std::to_string(seed));
    random.seed(seed);
    shuffled = true;
    const auto order = order_for({line_of(product, 1)}, seed % 3 == 0 ? "tok_flaky" : "tok_ok");
    const auto placed = send<order_placed>(orders, order);
    std::vector<pending<order::state>> others;
    for (int step = 0; step < 600; ++step) {
      if (random() % 4 == 0)
        others.push_back(send<order::state>(orders, get_order{order.id, of_everything()}));
      if (step == 200 && seed % 2 == 0)
        others.push_back(send<order::state>(orders, cancel_order{order.id, "no more", 0, {}, of_everything()}));
      if (!consume_message() && !trigger_timeout())
        break;
      if (const auto now = published(order.id)) {
        seen.insert(now->version);
        too_old += now->version < durable(order.id) ? 1 : 0;
      }
    }
    shuffled = false;
    consume_messages();
  }
  CHECK_EQ(too_old, 0);
  // The orders were looked at in the middle of their lives.
  CHECK(seen.size() > 4);
}

SCENARIO("an order that another node owns is invalidated before its entity ends here") {
  const auto order = finished_order();
  order_of(order.id);
  CAF_REQUIRE(published(order.id));
  // Nobody but the region runs.
  place(orders, {{"other", caf::actor_cast<caf::strong_actor_ptr>(products)}});
  sched.run_jobs_filtered([](caf::resumable* job) {
    auto* actor = dynamic_cast<caf::local_actor*>(job);
    return actor != nullptr && std::string_view{actor->name()} == "waybill.order_region";
  });
  CHECK(!published(order.id));
  consume_messages();
  place(orders, {{"test", caf::actor_cast<caf::strong_actor_ptr>(orders)}});
  CHECK_EQ(order_of(order.id).status, order::status::completed);
  // The other node may still write.
  CHECK(!published(order.id));
  pass(20s);
  CHECK_EQ(order_of(order.id).status, order::status::completed);
  CHECK(published(order.id));
  // A node that lost its lease shows nothing.
  place(orders, {}, true);
  consume_messages();
  CHECK(!published(order.id));
}

SCENARIO("the cache holds nothing of entities that have left") {
  const auto order = finished_order();
  order_of(order.id);
  CAF_REQUIRE(published(order.id));
  const std::weak_ptr<const order::state> kept = published(order.id);
  pass(chosen().orders.region.linger + chosen().orders.region.idle_timeout);
  CHECK_EQ(ask<actor_list>(orders, list_actors{}).value().total, 0u);
  CHECK(!published(order.id));
  CHECK(kept.expired());
}

SCENARIO("a defect of an entity invalidates the order that it published") {
  const auto order = finished_order();
  order_of(order.id);
  CAF_REQUIRE(published(order.id));
  CAF_REQUIRE(ask<bool>(orders, kill_entity{order.id.value}).value());
  consume_messages();
  CHECK(!published(order.id));
}

SCENARIO("an entity that is no longer current neither publishes nor invalidates") {
  order_cache quiet{nullptr};
  const auto former = std::make_shared<entity_link>();
  const auto present = std::make_shared<entity_link>();
  const get_order query{order_id{"ord_1"}, of_everything()};
  quiet.publish(state_of("ord_1", 1), former);
  CHECK_EQ(quiet.find(query)->version, 1u);
  former->current = false;
  CHECK(!quiet.find(query));
  quiet.publish(state_of("ord_1", 2), present);
  quiet.publish(state_of("ord_1", 1), former);
  CHECK_EQ(quiet.find(query)->version, 2u);
  quiet.invalidate("ord_1", *former);
  CHECK(quiet.find(query));
  quiet.invalidate("ord_1", *present);
  CHECK(!quiet.find(query));
}

SCENARIO("a node without its lease shows no cached order") {
  const auto lease = std::make_shared<serving_lease>();
  order_cache leased{lease};
  leased.publish(state_of("ord_1", 1), std::make_shared<entity_link>());
  const get_order query{order_id{"ord_1"}, of_everything()};
  CHECK(!leased.find(query));
  lease->extend(serving_lease::clock::now() + 1h);
  CHECK(leased.find(query));
  lease->end();
  CHECK(!leased.find(query));
}

END_FIXTURE_SCOPE()
