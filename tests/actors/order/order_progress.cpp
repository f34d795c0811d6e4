#define CAF_SUITE actors.order_progress
#include "domain/base/errors.hpp"
#include "tests/actors/support/order_node.hpp"

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

struct fixture : order_node {
  result<order_progress> progress_of(const order_id& id, const viewer& whom = of_everything()) {
    return ask<order_progress>(orders, get_order_progress{id, whom});
  }

  std::size_t active_orders() { return ask<actor_list>(orders, list_actors{"order", false, 10})->total; }

  std::vector<std::string> retrying(bool oldest_first = true, const std::optional<retrying_entity>& after = {},
                                    std::uint32_t limit = 10, bool everywhere = true) {
    list_retrying question{{}, {}, oldest_first, limit, everywhere};
    if (after) {
      question.after_time = after->created_at;
      question.after_id = after->id;
    }
    std::vector<std::string> ids;
    const auto page = ask<retrying_list>(orders, question).value();
    for (const auto& entity : page.entities)
      ids.push_back(entity.id);
    return ids;
  }

  /// No request of the orders reaches a product until `let_through`.
  void hold_back_stock() {
    detours.push_back(spawn_detour(sys, direct().products, [this](const caf::message&) { return fate{let_through}; }));
    auto handles = direct();
    handles.products = caf::actor_cast<caf::strong_actor_ptr>(detours.back());
    connect(handles);
  }

  place_order place_one(const std::string& address = "Main Street 1") {
    if (product.empty())
      product = stock_up(100);
    auto command = order_for({line_of(product, 1)}, "tok_ok", address);
    CAF_REQUIRE(ask<order_placed>(orders, command).has_value());
    return command;
  }

  product_id product;
  bool let_through = false;
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("an order in memory reports its open step, the attempts so far and the time of the next one") {
  hold_back_stock();
  const auto order = place_one();
  run_to("an attempt", [&] { return !progress_of(order.id)->steps.empty(); });
  const auto begun = progress_of(order.id).value();
  CHECK(begun.in_memory);
  CHECK_EQ(begun.node, "test");
  REQUIRE_EQ(begun.steps.size(), 1u);
  CHECK(begun.steps[0].step == order::step::reserve_stock);
  CHECK_EQ(begun.steps[0].attempts, 1u);
  CHECK(begun.steps[0].under_way);
  CHECK(begun.steps[0].last_failure.empty());
  CHECK(begun.next_timer.has_value());
  CHECK_EQ(retrying().size(), 0u);
  run_to("a second attempt", [&] { return progress_of(order.id)->steps[0].attempts == 2; });
  const auto again = progress_of(order.id).value();
  CHECK_EQ(again.steps[0].last_failure, "no answer in time");
  CHECK(again.steps[0].since == begun.steps[0].since);
  REQUIRE(again.steps[0].next.has_value());
  CHECK(*again.steps[0].next > time());
  CHECK_EQ(retrying(), std::vector<std::string>{order.id.value});
  let_through = true;
  CHECK_EQ(rest_of(order.id).status, order::status::completed);
  CHECK(progress_of(order.id)->steps.empty());
  CHECK_EQ(retrying().size(), 0u);
}

SCENARIO("orders that retry a step are listed page by page, in both directions, until they end or leave") {
  hold_back_stock();
  std::vector<std::string> placed;
  for (int i = 0; i < 5; ++i) {
    placed.push_back(place_one().id.value);
    pass(10ms);
  }
  run_to("all repeat", [&] { return retrying().size() == 5; });
  CHECK_EQ(retrying(), placed);
  CHECK_EQ(retrying(true, {}, 2), (std::vector<std::string>{placed[0], placed[1]}));
  const auto first = ask<retrying_list>(orders, list_retrying{{}, {}, true, 2, false}).value();
  CHECK(first.more);
  CHECK_EQ(retrying(true, first.entities.back(), 2), (std::vector<std::string>{placed[2], placed[3]}));
  CHECK_EQ(retrying(false, {}, 2), (std::vector<std::string>{placed[4], placed[3]}));
  CHECK_EQ(retrying(false, first.entities.back(), 2), std::vector<std::string>{placed[0]});
  CAF_REQUIRE(ask<bool>(orders, kill_entity{placed[0]}).value());
  CHECK_EQ(retrying(true, {}, 10, false).size(), 4u);
  let_through = true;
  for (const auto& id : placed)
    rest_of(order_id{id});
  CHECK_EQ(retrying().size(), 0u);
}

SCENARIO("the list of retrying orders is an error when not every owner can be asked") {
  caf::anon_send(orders, placement{2, "test", {{"test", direct().orders}, {"other", nullptr}}});
  const auto answer = ask<retrying_list>(orders, list_retrying{{}, {}, true, 10, true});
  REQUIRE(answer.has_error());
  CHECK_EQ(answer.error().code, ec::unavailable);
  CHECK(ask<retrying_list>(orders, list_retrying{{}, {}, true, 10, false}).has_value());
}

SCENARIO("an order that polls a delivery under way is not listed as retrying") {
  const auto order = place_one("Main Street 1 [couriers: hold, complete]");
  run_to("the courier", [&] { return listed(order.id).status == order::status::fulfilling; });
  pass(4s);
  CHECK_EQ(retrying().size(), 0u);
}

SCENARIO("the query neither loads a passivated order nor keeps an order in memory") {
  const auto order = place_one();
  CHECK_EQ(rest_of(order.id).status, order::status::completed);
  CHECK_EQ(active_orders(), 1u);
  const auto version = progress_of(order.id)->order.version;
  CHECK(version > 5);
  // Asked all the time, it leaves as if it were not.
  for (int i = 0; i < 30; ++i) {
    pass(200ms);
    progress_of(order.id).value();
  }
  CHECK_EQ(active_orders(), 0u);
  const auto away = progress_of(order.id).value();
  CHECK(!away.in_memory);
  CHECK_EQ(away.node, "test");
  CHECK_EQ(away.order.version, 0u);
  CHECK_EQ(active_orders(), 0u);
}

SCENARIO("only its customer and operators find the order") {
  const auto order = place_one();
  CHECK(progress_of(order.id, {false, order.customer}).has_value());
  const auto refused = progress_of(order.id, {false, customer_id{"cus_somebody_else"}});
  REQUIRE(refused.has_error());
  CHECK_EQ(refused.error().code, ec::not_found);
}

END_FIXTURE_SCOPE()
