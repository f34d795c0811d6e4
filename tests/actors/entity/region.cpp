#define CAF_SUITE actors.region
#include "domain/base/errors.hpp"
#include "tests/actors/support/two_nodes.hpp"

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

struct fixture : two_nodes {
  /// With an epoch of one's own.
  template <class Region>
  void place(const Region& region, std::uint64_t epoch, const std::string& at,
             const std::vector<std::pair<std::string, Region>>& peers) {
    placement next{epoch, at, {}};
    for (const auto& [node, peer] : peers)
      next.peers.push_back({node, caf::actor_cast<caf::strong_actor_ptr>(peer)});
    caf::anon_send(region, next);
  }

  reserve_stock reserve(const product_id& product, const order_id& by) {
    return {product, by, customer, 1, time() + 2s, {}};
  }
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("an entity is activated by its first message, passivated when it is idle, and activated again") {
  const auto product = stock_up(10);
  CHECK_EQ(active(products), 1u);
  const auto running = sys.registry().running();
  pass(chosen().products.region.idle_timeout + 10s);
  CHECK_EQ(active(products), 0u);
  CHECK_EQ(sys.registry().running(), running - 1);
  CHECK_EQ(product_of(product).on_hand, 10);
  CHECK_EQ(active(products), 1u);
}

SCENARIO("a request for an id that does not exist leaves nothing in memory") {
  for (int i = 0; i < 20; ++i) {
    CHECK_EQ(ask<product_view>(products, get_product{make_id<product_id>()}).error().code, ec::not_found);
    CHECK_EQ(ask<entity_description>(orders, describe_entity{make_id<order_id>().value}).error().code, ec::not_found);
  }
  consume_messages();
  CHECK_EQ(active(products), 0u);
  CHECK_EQ(active(orders), 0u);
}

SCENARIO("a finished order is passivated soon, an unfinished one stays in memory") {
  const auto product = stock_up(10);
  const auto slow =
    order_for({line_of(product, 1)}, "tok_ok", "Main Street 1 [couriers: vanish, vanish, vanish, vanish]");
  run_to_status(slow, order::status::fulfilling);
  const auto quick = order_for({line_of(product, 1)});
  CAF_REQUIRE(ask<order_placed>(orders, quick).has_value());
  rest_of(quick.id);
  pass(chosen().orders.region.linger + 2s);
  CHECK_EQ(active(orders), 1u);
  rest_of(slow.id);
}

SCENARIO("a region without a placement serves nobody") {
  CHECK_EQ(ask<product_view>(other, get_product{make_id<product_id>()}).error().code, ec::unavailable);
}

SCENARIO("G9: more waiting commands than allowed are refused") {
  auto settings = chosen().products;
  settings.region.max_waiting = 3;
  auto narrow = spawn_product_region(sys, services(), settings);
  place(narrow, 1, "test", {{"test", narrow}});
  const auto product = stock_up(10);
  consume_messages();
  // The entity does not run: its messages wait in the mailbox.
  std::vector<pending<product_view>> answers;
  for (int i = 0; i < 10; ++i) {
    answers.push_back(send<product_view>(narrow, get_product{product}));
    sched.run_jobs_filtered([&](caf::resumable* job) {
      auto* actor = dynamic_cast<caf::local_actor*>(job);
      return actor != nullptr && std::string_view{actor->name()} != "waybill.product";
    });
  }
  const auto refused = std::count_if(answers.begin(), answers.end(), [](const auto& answer) {
    return answer->has_value() && (*answer)->has_error() && (*answer)->error().code == ec::overloaded;
  });
  CHECK_EQ(refused, 7);
  consume_messages();
  CHECK(ask<product_view>(narrow, get_product{product}).has_value());
  caf::anon_send_exit(narrow, caf::exit_reason::user_shutdown);
}

SCENARIO("commands go to the region that owns the entity, and follow it when it moves") {
  using peers = std::vector<std::pair<std::string, product_region_actor>>;
  const auto product = stock_up(10);
  place(products, 2, "test", peers{{"other", other}});
  place(other, 2, "other", peers{{"other", other}});
  consume_messages();
  CHECK_EQ(active(products), 0u);
  CHECK_EQ(product_of(product).on_hand, 10);
  CHECK_EQ(active(products), 0u);
  CHECK_EQ(active(other), 1u);
  CAF_REQUIRE(ask<product_view>(products, adjust_stock{product, 1, "", 0, {}}).has_value());
  CHECK_EQ(database.log().back().node, "other");
  // An older placement changes nothing.
  place(products, 1, "test", peers{{"test", products}});
  consume_messages();
  CHECK_EQ(active(products), 0u);
}

SCENARIO("the new owner of a shard goes on with unfinished orders by itself") {
  using peers = std::vector<std::pair<std::string, order_region_actor>>;
  const auto product = stock_up(10);
  const auto order = order_for({line_of(product, 1)}, "tok_late");
  run_to_status(order, order::status::placed);
  run_to("a charge", [&] { return count_of("payment.intent_recorded") == 1; });
  place(orders, 2, "test", peers{{"other", other_orders}});
  place(other_orders, 2, "other", peers{{"other", other_orders}});
  run_to("the end", [&] { return stored<order::state>(order.id.value).status == order::status::completed; });
  CHECK_EQ(database.log().back().node, "other");
}

SCENARIO("G7: an order whose actor is killed continues by itself, each effect once") {
  const auto product = stock_up(10);
  const auto order = order_for({line_of(product, 1)}, "tok_late");
  run_to_status(order, order::status::placed);
  run_to("a charge", [&] { return count_of("payment.intent_recorded") == 1; });
  CHECK(ask<bool>(orders, kill_entity{order.id.value}).value());
  CHECK(ask<bool>(payments, kill_entity{sibling_id<payment_id>(order.id).value}).value());
  consume_messages();
  CHECK_EQ(active(orders), 0u);
  CHECK(!ask<bool>(orders, kill_entity{order.id.value}).value());
  run_to("the end", [&] { return stored<order::state>(order.id.value).status == order::status::completed; });
  CHECK_EQ(count_of("payment.captured"), 1u);
}

SCENARIO("G7: an order that the former owner placed after the new owner's first look continues") {
  using peers = std::vector<std::pair<std::string, order_region_actor>>;
  const auto product = stock_up(10);
  place(other_orders, 2, "other", peers{{"other", other_orders}});
  consume_messages();
  const auto order = order_for({line_of(product, 1)});
  CAF_REQUIRE(ask<order_placed>(orders, order).has_value());
  place(orders, 2, "test", peers{{"other", other_orders}});
  run_to("the end", [&] { return stored<order::state>(order.id.value).status == order::status::completed; });
}

SCENARIO("G2: of two nodes that both believe to own a product one append wins, the other reloads and answers right") {
  using peers = std::vector<std::pair<std::string, product_region_actor>>;
  const auto product = stock_up(10);
  place(other, 2, "other", peers{{"other", other}});
  consume_messages();
  shuffled = true;
  std::vector<pending<stock_answer>> answers;
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 4; ++i)
      answers.push_back(send<stock_answer>(i % 2 == 0 ? products : other, reserve(product, make_id<order_id>())));
    // A read that waits in the same batch sees the product, never an empty one.
    auto read = send<product_view>(products, get_product{product});
    run_to("the answers", [&] {
      return *read
             && std::all_of(answers.begin(), answers.end(), [](const auto& answer) { return answer->has_value(); });
    });
    CHECK((*read)->has_value());
  }
  // One writer lost the race; only the counter shows it.
  CHECK(journal_metrics{sys}.fenced_writes->value() > 0);
  CHECK(std::all_of(answers.begin(), answers.end(), [](const auto& answer) { return (*answer)->has_value(); }));
  const auto reserved = std::count_if(answers.begin(), answers.end(), [](const auto& answer) {
    return (*answer)->has_value() && (*answer)->value().reserved;
  });
  CHECK_EQ(reserved, 10);
  CHECK_EQ(product_of(product).reserved, 10);
  const auto log = database.log();
  CHECK(std::any_of(log.begin(), log.end(), [](const auto& event) { return event.node == "other"; }));
  CHECK(std::any_of(log.begin() + 1, log.end(), [](const auto& event) { return event.node == "test"; }));
}

END_FIXTURE_SCOPE()
