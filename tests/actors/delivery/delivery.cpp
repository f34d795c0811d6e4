#define CAF_SUITE actors.delivery
#include "domain/base/errors.hpp"
#include "tests/actors/support/audit.hpp"

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

using names = std::vector<std::string>;

namespace {

struct fixture : order_node {
  request_delivery job(const std::string& address) const { return {id, order, customer, "Ada", address, {}}; }

  /// Runs until the delivery is over.
  delivery::state play(const std::string& address) {
    CAF_REQUIRE(ask<delivery::state>(deliveries, job(address)).has_value());
    run_to("the end", [&] { return delivery::is_final(stored<delivery::state>(id.value).status); });
    return stored<delivery::state>(id.value);
  }

  order_id order = make_id<order_id>();
  delivery_id id = sibling_id<delivery_id>(order);
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("a delivery is offered, accepted, started and completed") {
  CHECK_EQ(play("Main Street 1").status, delivery::status::completed);
  CHECK_EQ(types_of(id.value), (names{"delivery.requested", "delivery.offered", "delivery.assigned", "delivery.started",
                                      "delivery.completed"}));
}

SCENARIO("couriers who decline, abort, hold or vanish lose the job to others") {
  const auto done = play("Main Street 1 [couriers: decline, abort, hold, vanish, complete]");
  CHECK_EQ(done.status, delivery::status::completed);
  CHECK_EQ(done.attempt, 5u);
  CHECK_EQ(done.tried.size(), 4u);
}

SCENARIO("the delivery fails when its last attempt fails") {
  const auto done = play("Main Street 1 [couriers: decline]");
  CHECK_EQ(done.status, delivery::status::failed);
  CHECK_EQ(count_of("delivery.offered"), chosen().deliveries.job.max_attempts);
}

SCENARIO("a courier who returns after the delivery went to another one gets a conflict") {
  CAF_REQUIRE(ask<delivery::state>(deliveries, job("Main Street 1 [couriers: hold, complete]")).has_value());
  run_to("a second offer", [&] { return count_of("delivery.offered") == 2; });
  const auto late =
    ask<delivery::state>(deliveries, courier_says{id, courier_id{"cur_late"}, 1, courier_word::accepted, {}});
  CAF_REQUIRE(late.has_error());
  CHECK_EQ(late.error().code, ec::conflict);
}

SCENARIO("a delivery continues after a restart while its courier is on the way") {
  CAF_REQUIRE(ask<delivery::state>(deliveries, job("Main Street 1 [couriers: complete]")).has_value());
  run_to("a start", [&] { return count_of("delivery.started") == 1; });
  restart();
  run_to("the end", [&] { return count_of("delivery.completed") == 1; });
  CHECK_EQ(count_of("delivery.offered"), 1u);
}

SCENARIO("G3: a doubled request is one delivery, another one under the same id is refused") {
  CAF_REQUIRE(ask<delivery::state>(deliveries, job("Main Street 1")).has_value());
  CAF_REQUIRE(ask<delivery::state>(deliveries, job("Main Street 1")).has_value());
  CHECK_EQ(ask<delivery::state>(deliveries, job("Side Street 2")).error().code, ec::idempotency_key_reused);
  CHECK_EQ(count_of("delivery.requested"), 1u);
}

SCENARIO("a delivery cancelled before it began refuses a late request") {
  CAF_REQUIRE(ask<delivery::state>(deliveries, cancel_delivery{id, {}}).has_value());
  CHECK_EQ(ask<delivery::state>(deliveries, job("Main Street 1")).error().code, ec::illegal_transition);
}

SCENARIO("a delivery stays in memory while its order cannot be told of the end") {
  // No node holds orders now.
  caf::anon_send(orders, placement{2, "node", {}});
  CHECK_EQ(play("Main Street 1").status, delivery::status::completed);
  sched.run();
  const auto alive = ask<actor_list>(deliveries, list_actors{});
  CAF_REQUIRE(alive.has_value());
  CHECK_EQ(alive->total, 1u);
}

SCENARIO("a courier reserved for a cancelled delivery is assigned to one that waits") {
  options narrow;
  narrow.couriers.pool_size = 1;
  order_node world{narrow};
  // Found, and then nothing is offered.
  CAF_REQUIRE(world.ask<courier_found>(world.pool, find_courier{id, {}}).has_value());
  const auto begin = world.time();
  CAF_REQUIRE(world.ask<delivery::state>(world.deliveries, job("Main Street 1")).has_value());
  world.run_to("the end", [&] { return world.count_of("delivery.completed") == 1; });
  CHECK(world.time() < begin + 10s);
}

END_FIXTURE_SCOPE()
