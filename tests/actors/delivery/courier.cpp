#define CAF_SUITE actors.courier
#include "tests/actors/support/courier_node.hpp"

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

order_node::options with_real_couriers() {
  order_node::options chosen;
  chosen.deliveries.pool = courier_pool_kind::real;
  chosen.deliveries.listed = true;
  return chosen;
}

struct fixture : courier_node {
  fixture() : courier_node(with_real_couriers()) {}
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO(
  "a courier who is online is offered a delivery, takes, starts and completes it; each event names the courier") {
  const auto ann = hire("Ann");
  const auto job = request();
  CHECK_EQ(await_offer(job).value, ann.value);
  CHECK_EQ(say(ann, job, accepted), "ok");
  CHECK_EQ(places_of(ann), 1u);
  CHECK_EQ(say(ann, job, started), "ok");
  CHECK_EQ(say(ann, job, completed), "ok");
  CHECK_EQ(state_of(job).status, delivery::status::completed);
  run_to("a free place", [&] { return count_of("courier.released") == 1; });
  CHECK_EQ(places_of(ann), 0u);
  for (const auto& event : database.log())
    if (event.type == "delivery.assigned" || event.type == "delivery.completed" || event.type == "courier.assigned")
      CHECK_EQ(event.origin.by_id, ann.value);
}

SCENARIO("G3: a repeated command of a courier changes nothing") {
  const auto ann = hire("Ann");
  const auto job = request();
  await_offer(job);
  for (const auto word : {accepted, started, completed})
    for (int i = 0; i < 3; ++i)
      CHECK_EQ(say(ann, job, word), "ok");
  CHECK_EQ(say(ann, job, accepted), "ok");
  CHECK_EQ(count_of("delivery.assigned"), 1u);
  CHECK_EQ(count_of("courier.assigned"), 1u);
  CHECK_EQ(count_of("delivery.completed"), 1u);
}

SCENARIO("a delivery waits while nobody is online, and is offered at once to a courier who comes online") {
  const auto ann = hire("Ann", 1, false);
  const auto job = request();
  pass(5min);
  CHECK_EQ(offers_of(job), 0u);
  go(ann, true);
  const auto begin = time();
  await_offer(job);
  CHECK(time() - begin < 1s);
}

SCENARIO("a delivery that nobody can take fails in time, also over a restart, and never early") {
  const auto job = request();
  const auto limit = chosen().deliveries.job.find_within;
  pass(limit / 2);
  restart();
  pass(limit / 2 - 1min);
  CHECK_EQ(state_of(job).status, delivery::status::requested);
  pass(2min);
  CHECK_EQ(state_of(job).status, delivery::status::failed);
}

SCENARIO("a declined delivery is offered to the next courier, and to the same one only after a pause") {
  const auto ann = hire("Ann");
  const auto job = request();
  CHECK_EQ(await_offer(job).value, ann.value);
  CHECK_EQ(say(ann, job, declined), "ok");
  CHECK_EQ(say(ann, job, declined), "ok");
  pass(chosen().deliveries.job.ask_again_after - 5s);
  CHECK_EQ(offers_of(job), 1u);
  const auto bob = hire("Bob");
  CHECK_EQ(await_offer(job, 2).value, bob.value);
  CHECK_EQ(say(bob, job, declined), "ok");
  const auto begin = time();
  CHECK_EQ(await_offer(job, 3).value, ann.value);
  CHECK(time() - begin >= chosen().deliveries.job.ask_again_after);
}

SCENARIO("an offer without an answer expires, and a late answer is refused") {
  const auto ann = hire("Ann");
  const auto bob = hire("Bob", 1, false);
  const auto job = request();
  await_offer(job);
  go(bob, true);
  CHECK_EQ(await_offer(job, 2).value, bob.value);
  for (const auto word : {accepted, started, completed})
    CHECK_EQ(say(ann, job, word), "illegal_transition");
  CHECK_EQ(say(ann, job, declined), "ok");
  CHECK_EQ(say(bob, job, accepted, 1), "illegal_transition");
  CHECK_EQ(say(bob, job, declined, 1), "ok");
  CHECK_EQ(say(bob, job, accepted, 2), "ok");
  CHECK_EQ(places_of(ann), 0u);
}

SCENARIO("a courier who vanishes loses the delivery to another, and their capacity is free again") {
  const auto ann = hire("Ann");
  const auto bob = hire("Bob", 1, false);
  const auto job = request();
  await_offer(job);
  CHECK_EQ(say(ann, job, accepted), "ok");
  CHECK_EQ(say(ann, job, started), "ok");
  go(bob, true);
  restart();
  pass(chosen().deliveries.job.finish_within - 1min);
  CHECK_EQ(offers_of(job), 1u);
  CHECK_EQ(await_offer(job, 2).value, bob.value);
  run_to("a free place", [&] { return count_of("courier.released") == 1; });
  CHECK_EQ(say(bob, job, accepted), "ok");
  CHECK_EQ(say(bob, job, started), "ok");
  CHECK_EQ(say(bob, job, completed), "ok");
  CHECK_EQ(say(ann, job, completed), "illegal_transition");
}

SCENARIO("a delivery fails after the allowed number of offers") {
  auto ann = hire("Ann");
  const auto job = request();
  for (std::uint32_t i = 1; i <= chosen().deliveries.job.max_attempts; ++i) {
    await_offer(job, i);
    CHECK_EQ(say(ann, job, declined, i), "ok");
  }
  CHECK_EQ(state_of(job).status, delivery::status::failed);
}

SCENARIO("a courier cannot see another courier's delivery; an operator may act for every courier") {
  const auto ann = hire("Ann");
  const auto eve = hire("Eve", 1, false);
  const auto job = request();
  await_offer(job);
  for (const auto word : {accepted, declined, started, completed, aborted})
    CHECK_EQ(say(eve, job, word), "not_found");
  CHECK(ask<delivery::state>(deliveries, view_delivery{job, {false, eve}}).error().code == ec::not_found);
  CHECK(ask<delivery::state>(deliveries, view_delivery{job, {false, {}}}).error().code == ec::not_found);
  CHECK(ask<delivery::state>(deliveries, view_delivery{job, {false, ann}}).has_value());
  CHECK(ask<delivery::state>(deliveries, view_delivery{job, {true, {}}}).has_value());
  CHECK(ask<courier::state>(couriers, get_courier{ann, {false, eve}}).error().code == ec::not_found);
  const courier_id anybody;
  for (const auto word : {accepted, started, completed})
    CHECK_EQ(say(anybody, job, word), "ok");
  CHECK_EQ(state_of(job).courier.value, ann.value);
}

SCENARIO("a courier is offered no more deliveries than their capacity") {
  const auto ann = hire("Ann", 2);
  std::vector<delivery_id> jobs;
  // The oldest comes first.
  for (int i = 0; i < 4; ++i, pass(1ms))
    jobs.push_back(request());
  pass(1s);
  CHECK_EQ(count_of("delivery.offered"), 2u);
  CHECK_EQ(say(ann, jobs[0], accepted), "ok");
  CHECK_EQ(say(ann, jobs[1], accepted), "ok");
  pass(5s);
  CHECK_EQ(count_of("delivery.offered"), 2u);
  CHECK_EQ(say(ann, jobs[0], started), "ok");
  CHECK_EQ(say(ann, jobs[0], completed), "ok");
  run_to("a third offer", [&] { return count_of("delivery.offered") == 3; });
}

SCENARIO("a delivery is offered to the courier with the fewest deliveries") {
  const auto ann = hire("Ann", 3);
  const auto bob = hire("Bob", 3);
  const auto first = request();
  const auto second = request();
  await_offer(first);
  await_offer(second);
  CHECK_NE(state_of(first).courier.value, state_of(second).courier.value);
}

SCENARIO("two deliveries race for a courier's last place: one gets it, in every order of the messages") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    random.seed(seed);
    shuffled = false;
    const auto ann = hire("Ann " + std::to_string(seed), 2);
    const auto first = request();
    const auto second = request();
    await_offer(first);
    await_offer(second);
    change_capacity(ann, 1);
    shuffled = true;
    const auto a = send<delivery::state>(deliveries, word_of(ann, first, accepted));
    const auto b = send<delivery::state>(deliveries, word_of(ann, second, accepted));
    run_to("both answers", [&] { return a->has_value() && b->has_value(); });
    const auto& won = (*a)->has_value() ? *a : *b;
    const auto& lost = (*a)->has_value() ? *b : *a;
    CHECK((*won).has_value());
    CAF_REQUIRE((*lost).has_error());
    CHECK((*lost).error().code == ec::conflict);
    CHECK_EQ(places_of(ann), 1u);
    go(ann, false);
    for (const auto& job : {first, second}) {
      ask<delivery::state>(deliveries, cancel_delivery{job, {}});
      CHECK_EQ(state_of(job).status, delivery::status::cancelled);
    }
    run_to("a free place", [&] { return places_of(ann) == 0; });
  }
}

SCENARIO("a place taken by an acceptance whose answer was lost is freed again, and the delivery continues") {
  const auto ann = hire("Ann");
  const auto job = request();
  await_offer(job);
  // The courier hears the delivery, but not the other way round.
  auto handles = direct();
  detours.push_back(spawn_detour(sys, handles.couriers, [](const caf::message& message) {
    fate chosen;
    chosen.mute = message.match_elements<assign_courier>();
    chosen.delivered = !message.match_elements<release_courier>();
    return chosen;
  }));
  handles.couriers = caf::actor_cast<caf::strong_actor_ptr>(detours.back());
  caf::anon_send(deliveries, handles);
  CHECK_EQ(say(ann, job, accepted), "timed_out");
  CHECK_EQ(places_of(ann), 1u);
  run_to("the offer to pass", [&] { return count_of("delivery.declined") == 1; });
  CHECK_EQ(places_of(ann), 1u);
  pass(chosen().courier_entities.check_interval + 1s);
  CHECK_EQ(places_of(ann), 0u);
  caf::anon_send(deliveries, direct());
  await_offer(job, 2);
  CHECK_EQ(say(ann, job, accepted), "ok");
}

SCENARIO("a courier who is loaded after a restart learns at once which deliveries have ended meanwhile") {
  const auto ann = hire("Ann");
  const auto job = request();
  await_offer(job);
  CHECK_EQ(say(ann, job, accepted), "ok");
  // The word that it is over gets lost with the node.
  auto handles = direct();
  detours.push_back(spawn_detour(sys, handles.couriers, [](const caf::message&) { return fate{.delivered = false}; }));
  handles.couriers = caf::actor_cast<caf::strong_actor_ptr>(detours.back());
  caf::anon_send(deliveries, handles);
  CHECK_EQ(say(ann, job, started), "ok");
  CHECK_EQ(say(ann, job, completed), "ok");
  CHECK_EQ(places_of(ann), 1u);
  restart();
  const auto begin = time();
  run_to("a free place", [&] { return places_of(ann) == 0; });
  CHECK(time() - begin < 1s);
}

SCENARIO("offers, deliveries and places survive a restart") {
  const auto ann = hire("Ann", 2);
  const auto first = request();
  await_offer(first);
  CHECK_EQ(say(ann, first, accepted), "ok");
  const auto second = request();
  await_offer(second);
  restart();
  CHECK_EQ(say(ann, first, started), "ok");
  CHECK_EQ(say(ann, second, accepted), "ok");
  CHECK_EQ(places_of(ann), 2u);
  restart();
  CHECK_EQ(say(ann, first, completed), "ok");
  run_to("a free place", [&] { return places_of(ann) == 1; });
  CHECK_EQ(count_of("delivery.offered"), 2u);
}

SCENARIO("a courier with a delivery cannot be removed; a removed courier gets no offers") {
  const auto ann = hire("Ann");
  const auto job = request();
  await_offer(job);
  CHECK_EQ(say(ann, job, accepted), "ok");
  CHECK(ask<courier::state>(couriers, remove_courier{ann, 0, {}}).error().code == ec::illegal_transition);
  CHECK_EQ(say(ann, job, aborted), "ok");
  run_to("a free place", [&] { return places_of(ann) == 0; });
  CHECK(ask<courier::state>(couriers, remove_courier{ann, 0, {}}).has_value());
  pass(2min);
  CHECK_EQ(offers_of(job), 1u);
  CHECK(ask<courier::state>(couriers, get_courier{ann, {true, {}}}).error().code == ec::not_found);
}

SCENARIO("real couriers deliver an order, and it is compensated when none completes the delivery") {
  const auto product = stock_up(10);
  const auto ann = hire("Ann");
  const auto order = order_for({line_of(product, 1)});
  run_to_status(order, order::status::fulfilling);
  const auto job = sibling_id<delivery_id>(order.id);
  await_offer(job);
  for (const auto word : {accepted, started, completed})
    CHECK_EQ(say(ann, job, word), "ok");
  CHECK_EQ(rest_of(order.id).status, order::status::completed);
  go(ann, false);
  const auto other = order_for({line_of(product, 1)});
  CAF_REQUIRE(ask<order_placed>(orders, other).has_value());
  CHECK_EQ(rest_of(other.id).status, order::status::cancelled);
}

END_FIXTURE_SCOPE()
