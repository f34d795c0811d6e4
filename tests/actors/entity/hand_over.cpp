#define CAF_SUITE actors.hand_over
#include "domain/base/errors.hpp"
#include "tests/actors/support/two_nodes.hpp"

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

/// The scripted region of another node: refuses `get_product` and `adjust_stock` a few times, and then never answers.
/// Counts the requests.
struct script_state {
  int moved_left = 0;
  int asked = 0;
  std::vector<caf::response_promise> kept = {};
};

caf::behavior scripted_region(caf::event_based_actor* self, std::shared_ptr<script_state> script) {
  self->set_default_handler([self, script](caf::scheduled_actor*, caf::message&) -> caf::skippable_result {
    ++script->asked;
    if (script->moved_left > 0) {
      --script->moved_left;
      return to_error({ec::moved, "not here"});
    }
    // Kept for ever, as by a process that hangs.
    script->kept.push_back(self->make_response_promise());
    return caf::delegated<caf::message>{};
  });
  return {[](caf::tick_atom) {}};
}

/// Two nodes; and `script`, which is none.
struct fixture : two_nodes {
  fixture() { scripted = sys.spawn(scripted_region, script); }

  ~fixture() override {
    caf::anon_send_exit(scripted, caf::exit_reason::user_shutdown);
    script->kept.clear();
    consume_messages();
  }

  /// Runs all jobs except the journals, so that nothing becomes durable.
  void run_without_journals() {
    sched.run_jobs_filtered([](caf::resumable* job) {
      auto* actor = dynamic_cast<caf::local_actor*>(job);
      return actor != nullptr && std::string_view{actor->name()} != "waybill.journal";
    });
  }

  std::shared_ptr<script_state> script = std::make_shared<script_state>();
  caf::actor scripted;
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("a command that another node refuses is sent again until a node accepts it") {
  const auto product = stock_up(10);
  script->moved_left = 1'000'000;
  place(products, "test", {peer("script", scripted)});
  auto answer = send<product_view>(products, get_product{product});
  run_to("some refusals", [&] { return script->asked >= 3; });
  CHECK(!is_answered(answer));
  place(products, "test", {peer("other", other)});
  place(other, "other", {peer("other", other)});
  run_to("an answer", [&] { return is_answered(answer); });
  CHECK_EQ((*answer)->value().on_hand, 10);
}

SCENARIO("a command that returns to its owner's node is carried out there") {
  const auto product = stock_up(10);
  script->moved_left = 1'000'000;
  place(products, "test", {peer("script", scripted)});
  auto answer = send<product_view>(products, adjust_stock{product, 1, "found", 0, {}});
  run_to("a refusal", [&] { return script->asked >= 1; });
  place(products, "test", {peer("test", products)});
  run_to("an answer", [&] { return is_answered(answer); });
  CHECK_EQ((*answer)->value().on_hand, 11);
  CHECK_EQ(product_of(product).on_hand, 11);
}

SCENARIO("a command that no node accepts fails in the end") {
  const auto product = stock_up(10);
  script->moved_left = 1'000'000;
  place(products, "test", {peer("script", scripted)});
  const auto start = time();
  CHECK_EQ(ask<product_view>(products, get_product{product}).error().code, ec::unavailable);
  CHECK(time() - start >= chosen().products.region.patience);
  place(products, "test", {peer("test", products)});
  CHECK_EQ(product_of(product).on_hand, 10);
}

SCENARIO("a command waits for an owner of its entity, but fails at once when there has been none for long") {
  const auto product = stock_up(10);
  place(products, "test", {});
  auto answer = send<product_view>(products, get_product{product});
  pass(chosen().products.region.patience / 2);
  CHECK(!is_answered(answer));
  place(products, "test", {peer("test", products)});
  run_to("an answer", [&] { return is_answered(answer); });
  CHECK_EQ((*answer)->value().on_hand, 10);
  place(products, "test", {});
  pass(chosen().products.region.patience);
  auto late = send<product_view>(products, get_product{product});
  consume_messages();
  REQUIRE(is_answered(late));
  CHECK_EQ((*late)->error().code, ec::unavailable);
  place(products, "test", {peer("test", products)});
  CHECK_EQ(product_of(product).on_hand, 10);
}

SCENARIO("a command in flight to a node that dies goes to the new owner, unless a repetition would be visible") {
  const auto product = stock_up(10);
  place(products, "test", {peer("script", scripted)});
  auto read = send<product_view>(products, get_product{product});
  auto adjusted = send<product_view>(products, adjust_stock{product, 1, "found", 0, {}});
  auto changed = send<product_view>(products, withdraw_product{product, 1, {}});
  run_to("the node to hang", [&] { return script->asked == 3; });
  pass(1min);
  CHECK(!is_answered(read));
  place(products, "test", {peer("test", products)});
  consume_messages();
  CHECK((*read)->has_value());
  CHECK_EQ((*adjusted)->error().code, ec::timed_out);
  CHECK_EQ((*changed)->error().code, ec::timed_out);
  CHECK_EQ(product_of(product).on_hand, 10);
}

SCENARIO("a command in flight to a node that is leaving is not sent again: that node answers it") {
  const auto product = stock_up(10);
  place(products, "test", {peer("script", scripted)});
  auto adjusted = send<product_view>(products, adjust_stock{product, 1, "found", 0, {}});
  run_to("the command to arrive", [&] { return script->asked == 1; });
  place(products, "test", {peer("test", products)}, {peer("script", scripted)});
  pass(1min);
  CHECK(!is_answered(adjusted));
  place(products, "test", {peer("test", products)});
  consume_messages();
  CHECK_EQ((*adjusted)->error().code, ec::timed_out);
}

SCENARIO("commands for a node that cannot be reached wait for it") {
  const auto product = stock_up(10);
  place(products, "test", {{"other", nullptr}});
  place(other, "other", {peer("other", other)});
  auto answer = send<product_view>(products, get_product{product});
  pass(1s);
  CHECK(!is_answered(answer));
  place(products, "test", {peer("other", other)});
  consume_messages();
  CHECK((*answer)->has_value());
}

SCENARIO("entities that are handed over carry out and answer the commands that they have received") {
  const auto product = stock_up(10);
  std::vector<pending<product_view>> answers;
  for (int i = 0; i < 20; ++i)
    answers.push_back(send<product_view>(products, adjust_stock{product, 1, "found", 0, {}}));
  run_without_journals();
  CHECK(std::none_of(answers.begin(), answers.end(), is_answered<product_view>));
  place(products, "test", {peer("other", other)});
  place(other, "other", {peer("other", other)});
  run_to("the answers", [&] { return std::all_of(answers.begin(), answers.end(), is_answered<product_view>); });
  for (const auto& answer : answers)
    CHECK((*answer)->has_value());
  CHECK_EQ(product_of(product).on_hand, 30);
  consume_messages();
  CHECK_EQ(active(products), 0u);
  CHECK_EQ(active(other), 1u);
}

SCENARIO("a region says that the hand-over is finished when the last entity has ended and the new owners know") {
  const auto product = stock_up(10);
  auto adjusted = send<product_view>(products, adjust_stock{product, 1, "found", 0, {}});
  run_without_journals();
  place(products, "test", {peer("other", other)});
  place(other, "other", {peer("other", other)});
  bool finished = false;
  sys.spawn([&finished, region = products](caf::event_based_actor* asking) {
    asking->request(region, caf::infinite, finish_hand_over{}).then([&finished] { finished = true; });
  });
  run_to("the end of the hand-over", [&] { return finished; });
  CHECK_EQ(stored<product::state>(product.value).on_hand, 11);
  consume_messages();
  CHECK(is_answered(adjusted));
}

SCENARIO("an order in the middle of its saga continues at once on its new node") {
  const auto product = stock_up(10);
  const auto order = order_for({line_of(product, 1)}, "tok_late");
  // The new owner has looked for unfinished orders before there was one.
  place(other_orders, "other", {peer("other", other_orders)});
  consume_messages();
  run_to_status(order, order::status::placed);
  const auto start = time();
  place(orders, "test", {peer("other", other_orders)});
  run_to("the order to go on", [&] { return active(other_orders) == 1; });
  CHECK(time() - start < 1s);
  run_to("the end", [&] { return stored<order::state>(order.id.value).status == order::status::completed; });
  CHECK_EQ(database.log().back().node, "other");
}

SCENARIO("an order continues at once when its new node is reached late") {
  const auto product = stock_up(10);
  const auto order = order_for({line_of(product, 1)}, "tok_late");
  // The new owner has looked twice, and will not look again soon.
  place(other_orders, "other", {peer("other", other_orders)});
  pass(6s);
  run_to_status(order, order::status::placed);
  place(orders, "test", {{"other", nullptr}});
  pass(3s);
  CHECK_EQ(active(other_orders), 0u);
  place(orders, "test", {peer("other", other_orders)});
  const auto start = time();
  run_to("the order to go on", [&] { return active(other_orders) == 1; });
  CHECK(time() - start < 1s);
  run_to("the end", [&] { return stored<order::state>(order.id.value).status == order::status::completed; });
}

SCENARIO("a client that waits for an order is answered by the new owner when the order moves") {
  const auto product = stock_up(10);
  const auto order = order_for({line_of(product, 1)}, "tok_late");
  run_to_status(order, order::status::placed);
  auto rest = send<order::state>(orders, await_order{order.id, true, time() + 1h, of_everything()});
  consume_messages();
  place(orders, "test", {peer("other", other_orders)});
  place(other_orders, "other", {peer("other", other_orders)});
  run_to("an answer", [&] { return is_answered(rest); });
  CHECK((*rest)->value().status == order::status::completed);
}

SCENARIO("a fenced region drops everything at once, refuses, and serves again when it is placed again") {
  const auto product = stock_up(10);
  const auto order = order_for({line_of(product, 1)}, "tok_late");
  run_to_status(order, order::status::placed);
  place(orders, "test", {}, {}, true);
  place(products, "test", {}, {}, true);
  consume_messages();
  CHECK_EQ(active(orders), 0u);
  CHECK_EQ(ask<order::state>(orders, get_order{order.id, of_everything()}).error().code, ec::unavailable);
  place(orders, "test", {peer("test", orders)});
  place(products, "test", {peer("test", products)});
  CHECK(rest_of(order.id).status == order::status::completed);
}

SCENARIO("a region whose node has no lease serves nobody, whatever it was told last") {
  const auto product = stock_up(10);
  auto lease = std::make_shared<serving_lease>();
  auto leased_services = services();
  leased_services.lease = lease;
  auto leased = spawn_product_region(sys, leased_services, chosen().products);
  place(leased, "test", {peer("test", leased)});
  CHECK_EQ(ask<product_view>(leased, get_product{product}).error().code, ec::unavailable);
  lease->extend(serving_lease::clock::now() + 1h);
  CHECK(ask<product_view>(leased, get_product{product}).has_value());
  lease->end();
  CHECK_EQ(ask<product_view>(leased, get_product{product}).error().code, ec::unavailable);
  caf::anon_send_exit(leased, caf::exit_reason::user_shutdown);
}

SCENARIO("an entity in memory does not answer when the lease has expired before its region noticed") {
  const auto product = stock_up(10);
  auto lease = std::make_shared<serving_lease>();
  lease->extend(serving_lease::clock::now() + 1h);
  auto leased_services = services();
  leased_services.lease = lease;
  auto leased = spawn_product_region(sys, leased_services, chosen().products);
  place(leased, "test", {peer("test", leased)});
  CHECK(ask<product_view>(leased, get_product{product}).has_value());
  const auto answer = send<product_view>(leased, get_product{product});
  // The one that asks, then the region, which still finds the lease.
  sched.run_once();
  sched.run_once();
  REQUIRE(!answer->has_value());
  lease->end();
  consume_messages();
  REQUIRE(answer->has_value());
  CHECK_EQ((*answer)->error().code, ec::unavailable);
  lease->extend(serving_lease::clock::now() + 1h);
  CHECK(ask<product_view>(leased, get_product{product}).has_value());
  caf::anon_send_exit(leased, caf::exit_reason::user_shutdown);
}

SCENARIO("G7: an order that became durable after the new owner had looked for it is found by the second look") {
  const auto product = stock_up(10);
  const auto order = order_for({line_of(product, 1)});
  place(other_orders, "other", {peer("other", other_orders)});
  consume_messages();
  const auto start = time();
  // The last thing that the former owner did.
  auto placed = send<order_placed>(orders, order);
  run_to("the order", [&] { return count_of("order.placed") == 1; });
  place(orders, "test", {}, {}, true);
  run_to("the order to go on", [&] { return active(other_orders) == 1; });
  CHECK(time() - start < chosen().orders.region.sweep);
  run_to("the end", [&] { return stored<order::state>(order.id.value).status == order::status::completed; });
}

SCENARIO("G7: an order that a fenced node still made durable continues after a while") {
  const auto product = stock_up(10);
  const auto order = order_for({line_of(product, 1)});
  pass(10s);
  // A node that lost its lease without knowing it makes one more order durable.
  place(other_orders, "other", {peer("other", other_orders)});
  auto placed = send<order_placed>(other_orders, order);
  run_to("the order", [&] { return count_of("order.placed") == 1; });
  place(other_orders, "other", {}, {}, true);
  run_to("the end", [&] { return stored<order::state>(order.id.value).status == order::status::completed; });
}

SCENARIO("a request for an order that does not exist yet hides no order that another node accepts afterwards") {
  const auto product = stock_up(10);
  const auto order = order_for({line_of(product, 1)});
  CHECK_EQ(ask<order::state>(orders, get_order{order.id, of_everything()}).error().code, ec::not_found);
  place(other_orders, "other", {peer("other", other_orders)});
  CAF_REQUIRE(ask<order_placed>(other_orders, order).has_value());
  CHECK(ask<order::state>(orders, get_order{order.id, of_everything()}).has_value());
  place(other_orders, "other", {}, {}, true);
  rest_of(order.id);
}

END_FIXTURE_SCOPE()
