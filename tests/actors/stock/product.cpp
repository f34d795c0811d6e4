#define CAF_SUITE actors.product
#include "domain/base/errors.hpp"
#include "tests/actors/support/audit.hpp"

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

struct fixture : order_node {
  ~fixture() override { CHECK_EQ(auditor{*this}.check(), std::vector<std::string>{}); }

  reserve_stock reserve(const order_id& by, std::int64_t quantity) {
    return {product, by, customer, quantity, time() + 2s, {}};
  }
  commit_stock commit(const order_id& by, std::int64_t quantity) const { return {product, by, customer, quantity, {}}; }
  release_stock release(const order_id& by) { return {product, by, customer, time() + 30s, {}}; }

  template <class Command>
  result<stock_answer> ask_stock(Command command) {
    return ask<stock_answer>(products, std::move(command));
  }

  /// Whether the order holds, or has taken, its goods after `command`.
  template <class Command>
  bool reserves(Command command) {
    const auto answer = ask_stock(std::move(command));
    CAF_REQUIRE(answer.has_value());
    return answer->reserved;
  }

  product_id product = stock_up(10);
  order_id order = make_id<order_id>();
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("reservations that wait are committed together and never oversell") {
  const auto before = database.commits();
  std::vector<pending<stock_answer>> answers;
  for (int i = 0; i < 200; ++i)
    answers.push_back(send<stock_answer>(products, reserve(make_id<order_id>(), 1)));
  run_to("all answers", [&] { return answers.back()->has_value(); });
  CHECK_EQ(std::count_if(answers.begin(), answers.end(), [](auto& answer) { return (*answer)->value().reserved; }), 10);
  CHECK_EQ(product_of(product).reserved, 10);
  CHECK(database.commits() - before < 50);
}

SCENARIO("G3: a doubled reserve changes nothing and gets the first answer, after a restart too") {
  CHECK(reserves(reserve(order, 4)));
  CHECK(reserves(reserve(order, 4)));
  restart();
  CHECK(reserves(reserve(order, 4)));
  CHECK_EQ(product_of(product).reserved, 4);
  CHECK_EQ(count_of("stock.reserved"), 1u);
}

SCENARIO("G3: a refused reserve stays refused when stock has come in, after a restart too") {
  const auto first = ask_stock(reserve(order, 11));
  CHECK(!first->reserved);
  CHECK_EQ(first->available, 10);
  CAF_REQUIRE(ask<product_view>(products, adjust_stock{product, 5, "delivery", 0, {}}).has_value());
  CHECK(!reserves(reserve(order, 11)));
  restart();
  const auto again = ask_stock(reserve(order, 11));
  CHECK(!again->reserved);
  CHECK_EQ(again->available, 10);
}

SCENARIO("G3: a release makes a later reserve of the same order fail") {
  CAF_REQUIRE(ask_stock(release(order)).has_value());
  restart();
  CHECK(!reserves(reserve(order, 1)));
  CHECK_EQ(product_of(product).reserved, 0);
}

SCENARIO("G3: a doubled release gives back once") {
  ask_stock(reserve(order, 4));
  CAF_REQUIRE(ask_stock(release(order)).has_value());
  CAF_REQUIRE(ask_stock(release(order)).has_value());
  CHECK_EQ(product_of(product).reserved, 0);
  CHECK_EQ(count_of("stock.released"), 1u);
}

SCENARIO("G3: a repeated commit takes the goods once: at once, after it was forgotten, after a restart") {
  ask_stock(reserve(order, 4));
  CHECK(reserves(commit(order, 4)));
  CHECK(reserves(commit(order, 4)));
  CHECK_EQ(product_of(product).on_hand, 6);
  // A second reservation keeps the product in memory while it forgets the first one.
  ask_stock(reserve(make_id<order_id>(), 1));
  pass(60s);
  CHECK(reserves(commit(order, 4)));
  CHECK_EQ(product_of(product).on_hand, 6);
  pass(10min);
  restart();
  CHECK(reserves(commit(order, 4)));
  CHECK_EQ(product_of(product).on_hand, 6);
  CHECK_EQ(count_of("stock.committed"), 1u);
}

SCENARIO("G3: many commits of one order at once take the goods once, forgotten or not") {
  ask_stock(reserve(order, 4));
  ask_stock(reserve(make_id<order_id>(), 1));
  ask_stock(commit(order, 4));
  for (int second = 0; second < 30; ++second) {
    shuffled = true;
    for (int i = 0; i < 5; ++i) {
      send<stock_answer>(products, commit(order, 4));
      send<stock_answer>(products, reserve(make_id<order_id>(), 100));
    }
    pass(1s);
  }
  CHECK_EQ(product_of(product).on_hand, 6);
}

SCENARIO("G3: a commit whose reservation is forgotten while it waits is not carried out a second time") {
  ask_stock(reserve(order, 4));
  ask_stock(reserve(make_id<order_id>(), 1));
  CHECK(reserves(commit(order, 4)));
  // An append that takes long: the closed reservation is still in memory when the repetition arrives, and no longer
  // when it is decided.
  database.set_available(false);
  const auto under_way = send<product_view>(products, change_product{product, {{}, "another name", {}}, 0, {}});
  consume_messages();
  const auto again = send<stock_answer>(products, commit(order, 4));
  pass(20s);
  CHECK(!again->has_value());
  database.set_available(true);
  run_to("both answers", [&] { return under_way->has_value() && again->has_value(); });
  CHECK((*under_way)->has_value());
  CAF_REQUIRE((*again)->has_error());
  CHECK_EQ((*again)->error().code, ec::unavailable);
  CHECK(reserves(commit(order, 4)));
  CHECK_EQ(product_of(product).on_hand, 6);
  CHECK_EQ(count_of("stock.committed"), 1u);
}

SCENARIO("a late reserve is refused and changes nothing") {
  auto late = reserve(order, 1);
  pass(3s);
  CHECK_EQ(ask_stock(late).error().code, ec::deadline_exceeded);
  CHECK_EQ(product_of(product).reserved, 0);
}

SCENARIO("G5: a reservation that nobody finishes gives its stock back when its time is over, not before") {
  ask_stock(reserve(order, 4));
  const auto begin = time();
  restart();
  pass(chosen().products.stock.reservation_ttl - 1min);
  CHECK_EQ(product_of(product).reserved, 4);
  restart();
  pass(2min);
  CHECK_EQ(product_of(product).reserved, 0);
  CHECK_EQ(count_of("stock.expired"), 1u);
  for (const auto& event : database.log())
    if (event.type == "stock.expired")
      CHECK(event.at >= begin + chosen().products.stock.reservation_ttl);
}

SCENARIO("a change for an outdated version is refused") {
  const auto version = product_of(product).version;
  const auto changed = ask<product_view>(products, change_product{product, {{}, "new name", {}}, version, {}});
  CAF_REQUIRE(changed.has_value());
  CHECK_EQ(changed->name, "new name");
  const auto late = ask<product_view>(products, change_product{product, {{}, "other name", {}}, version, {}});
  CHECK_EQ(late.error().code, ec::version_mismatch);
  CHECK_EQ(ask<product_view>(products, withdraw_product{product, version, {}}).error().code, ec::version_mismatch);
  CHECK_EQ(ask<product_view>(products, adjust_stock{product, 1, "", version, {}}).error().code, ec::version_mismatch);
}

SCENARIO("a taken SKU fails only the command that wants it") {
  const auto other = stock_up(3, "taken");
  auto before = send<stock_answer>(products, reserve(order, 1));
  auto failing = send<product_view>(products, change_product{product, {"taken", {}, {}}, 0, {}});
  auto after = send<stock_answer>(products, reserve(make_id<order_id>(), 1));
  auto read = send<product_view>(products, get_product{product});
  run_to("all answers", [&] { return *before && *failing && *after && *read; });
  CHECK((*before)->value().reserved);
  CHECK_EQ((*failing)->error().code, ec::duplicate);
  CHECK((*after)->value().reserved);
  CHECK((*read)->has_value());
  CHECK_EQ(product_of(product).reserved, 2);
  CHECK_EQ(product_of(product).sku, "sku");
  auto twin = ask<product_view>(products, create_product{{make_id<product_id>(), "taken", "x", {1, "EUR"}, 1}, {}});
  CHECK_EQ(twin.error().code, ec::duplicate);
}

SCENARIO("a batch of which only the first part was written is loaded correctly") {
  ask_stock(reserve(order, 4));
  // The commit is durable, the change of the SKU behind it fails: the snapshot is older than the stream.
  stock_up(3, "taken");
  auto filler = send<product_view>(products, adjust_stock{product, 1, "", 0, {}});
  auto done = send<stock_answer>(products, commit(order, 4));
  auto failing = send<product_view>(products, change_product{product, {"taken", {}, {}}, 0, {}});
  run_to("all answers", [&] { return *filler && *done && *failing; });
  CHECK((*done)->has_value());
  CHECK_EQ(product_of(product).reserved, 0);
  restart();
  CHECK_EQ(product_of(product).reserved, 0);
  CHECK_EQ(product_of(product).on_hand, 7);
}

END_FIXTURE_SCOPE()
