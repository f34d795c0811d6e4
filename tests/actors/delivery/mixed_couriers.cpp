#define CAF_SUITE actors.mixed_couriers
#include "tests/actors/support/courier_node.hpp"

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

order_node::options with_both() {
  order_node::options chosen;
  chosen.deliveries.pool = courier_pool_kind::mixed;
  return chosen;
}

struct fixture : courier_node {
  fixture() : courier_node(with_both()) {}

  delivery::state end_of(const delivery_id& job) {
    run_to("the end", [&] { return delivery::is_final(state_of(job).status); });
    return state_of(job);
  }

  /// The deliveries that the courier finds in their list.
  std::vector<delivery_id> list_of(const courier_id& courier) const {
    const auto page = database.open_query()->run(list_deliveries{{}, courier.value, {}, {}});
    CAF_REQUIRE(page.has_value());
    std::vector<delivery_id> all;
    for (const auto& text : page->states)
      all.push_back(decode<delivery::state>(text).value().id);
    return all;
  }

  const delivery::people_limits& limits() const { return chosen().deliveries.job.people; }
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("with both kinds of couriers and nobody online, simulated ones bring an order at once, and are in no list") {
  const auto ann = hire("Ann", 1, false);
  const auto product = stock_up(10);
  const auto order = order_for({line_of(product, 1)}, "tok_ok", "Main Street 1 [couriers: complete]");
  CAF_REQUIRE(ask<order_placed>(orders, order).has_value());
  const auto begin = time();
  CHECK_EQ(rest_of(order.id).status, order::status::completed);
  CHECK(time() - begin < 1s);
  const auto job = state_of(sibling_id<delivery_id>(order.id));
  CHECK(!job.to_person.has_value());
  CHECK_EQ(database.open_query()->run(list_deliveries{})->states.size(), 0u);
}

SCENARIO("a person who is online comes before simulated couriers, and has the time of people") {
  const auto ann = hire("Ann");
  const auto job = request();
  CHECK_EQ(await_offer(job).value, ann.value);
  CHECK_EQ(list_of(ann), std::vector{job});
  pass(limits().answer_within - 1s);
  CHECK_EQ(say(ann, job, accepted), "ok");
  CHECK_EQ(places_of(ann), 1u);
  pass(limits().start_within - 1s);
  CHECK_EQ(say(ann, job, started), "ok");
  pass(limits().finish_within - 1s);
  CHECK_EQ(say(ann, job, completed), "ok");
  CHECK_EQ(state_of(job).courier.value, ann.value);
  CHECK_EQ(offers_of(job), 1u);
  run_to("a free place", [&] { return places_of(ann) == 0; });
}

SCENARIO("an address that directs simulated couriers is theirs, whoever is online: a scenario plays as it is written") {
  const auto ann = hire("Ann");
  const auto product = stock_up(10);
  const auto order = order_for({line_of(product, 1)}, "tok_ok", "Main Street 1 [couriers: decline, complete]");
  CAF_REQUIRE(ask<order_placed>(orders, order).has_value());
  CHECK_EQ(rest_of(order.id).status, order::status::completed);
  const auto job = state_of(sibling_id<delivery_id>(order.id));
  CHECK_EQ(job.attempt, 2u);
  CHECK_NE(job.courier.value, ann.value);
  CHECK(!job.to_person.has_value());
}

SCENARIO("what a person declines, or lets pass, a simulated courier brings; it is theirs no longer") {
  const auto ann = hire("Ann");
  const auto declines = request();
  await_offer(declines);
  CHECK_EQ(say(ann, declines, declined), "ok");
  CHECK_NE(end_of(declines).courier.value, ann.value);
  CHECK_EQ(say(ann, declines, accepted), "illegal_transition");
  const auto silent = request();
  await_offer(silent);
  const auto begin = time();
  CHECK_NE(end_of(silent).courier.value, ann.value);
  CHECK(time() - begin >= limits().answer_within);
  CHECK_EQ(list_of(ann), std::vector<delivery_id>{});
  CHECK_EQ(places_of(ann), 0u);
}

SCENARIO("a person gets no more than they have places for; simulated couriers bring the rest") {
  const auto ann = hire("Ann", 2);
  std::vector<delivery_id> jobs;
  for (int i = 0; i < 5; ++i)
    jobs.push_back(request());
  run_to("all to be with somebody", [&] {
    return std::ranges::all_of(jobs, [&](const auto& job) { return offers_of(job) > 0; });
  });
  const auto is_hers = [&](const delivery_id& job) { return state_of(job).courier == ann; };
  CHECK_EQ(std::ranges::count_if(jobs, is_hers), 2);
  for (const auto& job : jobs)
    if (!is_hers(job))
      CHECK(delivery::is_final(end_of(job).status));
  CHECK_EQ(list_of(ann).size(), 2u);
}

SCENARIO("a person who vanishes loses the delivery to a simulated courier, and has the place again") {
  const auto ann = hire("Ann");
  const auto job = request();
  await_offer(job);
  CHECK_EQ(say(ann, job, accepted), "ok");
  CHECK_EQ(say(ann, job, started), "ok");
  go(ann, false);
  CHECK_NE(end_of(job).courier.value, ann.value);
  run_to("a free place", [&] { return places_of(ann) == 0; });
  CHECK_EQ(say(ann, job, completed), "illegal_transition");
}

SCENARIO("over a restart a person keeps their delivery and its time, and a simulated courier is reminded of theirs") {
  const auto ann = hire("Ann");
  const auto hers = request();
  await_offer(hers);
  CHECK_EQ(say(ann, hers, accepted), "ok");
  const auto other = request();
  run_to("an offer", [&] { return offers_of(other) == 1; });
  restart();
  CHECK(delivery::is_final(end_of(other).status));
  CHECK_EQ(say(ann, hers, started), "ok");
  restart();
  pass(limits().finish_within - 1min);
  CHECK_EQ(say(ann, hers, completed), "ok");
  CHECK_EQ(offers_of(hers), 1u);
}

SCENARIO("who comes online gets the next delivery, however short ago nobody was there") {
  const auto ann = hire("Ann", 1, false);
  const auto first = request();
  run_to("an offer", [&] { return offers_of(first) == 1; });
  go(ann, true);
  CHECK_EQ(await_offer(request()).value, ann.value);
}

SCENARIO("while nobody is online, many deliveries cost one look") {
  std::size_t looks = 0;
  auto reader = caf::actor_cast<caf::actor>(services().reader);
  const auto counting = spawn_detour(sys, caf::actor_cast<caf::strong_actor_ptr>(reader), [&](const caf::message& m) {
    looks += m.match_elements<find_free_couriers>() ? 1 : 0;
    return fate{};
  });
  auto watched = services();
  watched.reader = caf::actor_cast<reader_actor>(counting);
  const auto dispatcher = spawn_courier_dispatcher(sys, watched, chosen().dispatch, simulated_couriers);
  // The simulated couriers are ready, and as many as are asked for: no time passes.
  pass(1s);
  for (std::uint32_t i = 0; i < chosen().couriers.pool_size; ++i) {
    const auto found = ask<courier_found>(dispatcher, find_courier{make_id<delivery_id>(), {}, {}, time()});
    CAF_REQUIRE(found.has_value());
    CHECK(!found->is_person);
  }
  CHECK_EQ(looks, 1u);
  caf::anon_send_exit(dispatcher, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(counting, caf::exit_reason::kill);
}

END_FIXTURE_SCOPE()
