#define CAF_SUITE actors.stock_adjustments
#include "domain/base/errors.hpp"
#include "tests/actors/support/audit.hpp"

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

struct fixture : order_node {
  ~fixture() override { CHECK_EQ(auditor{*this}.check(), std::vector<std::string>{}); }

  adjust_stock_once command(const std::string& key, std::int64_t delta, const std::string& reason = "counted") const {
    return {product, derive_id<adjustment_id>(key), delta, reason, 0, {}};
  }

  result<stock_adjusted_once> adjust(const std::string& key, std::int64_t delta,
                                     const std::string& reason = "counted") {
    return ask<stock_adjusted_once>(products, command(key, delta, reason));
  }

  product_id product = stock_up(10);
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("G3: an adjustment under an id is done once and answered as it was first, after a restart too") {
  const auto first = adjust("one", 5);
  CAF_REQUIRE(first.has_value());
  CHECK(!first->replayed);
  CHECK_EQ(first->product.on_hand, 15);
  CAF_REQUIRE(ask<product_view>(products, change_product{product, {{}, "new name", {}}, 0, {}}).has_value());
  CAF_REQUIRE(adjust("two", -1).has_value());
  for (int i = 0; i < 2; ++i) {
    const auto again = adjust("one", 5);
    CAF_REQUIRE(again.has_value());
    CHECK(again->replayed);
    CHECK_EQ(encode(again->product), encode(first->product));
    restart();
  }
  CHECK_EQ(product_of(product).on_hand, 14);
  CHECK_EQ(count_of("stock.adjusted"), 2u);
}

SCENARIO("an id of an adjustment that comes with other values is refused, after a restart too") {
  CAF_REQUIRE(adjust("one", 5).has_value());
  for (int i = 0; i < 2; ++i) {
    CHECK_EQ(adjust("one", 6).error().code, ec::idempotency_key_reused);
    CHECK_EQ(adjust("one", 5, "found").error().code, ec::idempotency_key_reused);
    restart();
  }
  CHECK_EQ(product_of(product).on_hand, 15);
}

SCENARIO("G3: of many adjustments under one id at once one is done; the others are told, or get its answer") {
  shuffled = true;
  std::vector<pending<stock_adjusted_once>> answers;
  for (int i = 0; i < 20; ++i)
    answers.push_back(send<stock_adjusted_once>(products, command("one", 5)));
  const auto other = send<stock_adjusted_once>(products, command("one", 6));
  run_to("all answers", [&] {
    return other->has_value() && std::all_of(answers.begin(), answers.end(), [](auto& x) { return x->has_value(); });
  });
  CHECK_EQ(product_of(product).on_hand == 15 || product_of(product).on_hand == 16, true);
  CHECK_EQ(count_of("stock.adjusted"), 1u);
  const auto done =
    std::count_if(answers.begin(), answers.end(), [](auto& x) { return (*x)->has_value() && !(*x)->value().replayed; });
  CHECK_EQ(done + ((*other)->has_value() ? 1 : 0), 1);
  for (auto& answer : answers)
    if ((*answer)->has_error())
      CHECK((*answer)->error().code == ec::idempotency_in_progress
            || (*answer)->error().code == ec::idempotency_key_reused);
}

SCENARIO("the version that the caller saw counts for the first request only") {
  auto first = command("one", 5);
  first.expected_version = product_of(product).version;
  CAF_REQUIRE(ask<stock_adjusted_once>(products, first).has_value());
  CHECK(ask<stock_adjusted_once>(products, first)->replayed);
  auto second = command("two", 5);
  second.expected_version = first.expected_version;
  CHECK_EQ(ask<stock_adjusted_once>(products, second).error().code, ec::version_mismatch);
}

SCENARIO("a refused adjustment is decided anew when it is repeated") {
  CHECK_EQ(adjust("one", -11).error().code, ec::invalid_argument);
  CAF_REQUIRE(adjust("two", 1).has_value());
  const auto again = adjust("one", -11);
  CAF_REQUIRE(again.has_value());
  CHECK(!again->replayed);
  CHECK_EQ(again->product.on_hand, 0);
}

SCENARIO("G3: an adjustment whose answer was lost on the way from the database is not done twice") {
  database.lose_next_answer();
  const auto first = adjust("one", 5);
  const auto again = adjust("one", 5);
  CAF_REQUIRE(again.has_value());
  CHECK_EQ(again->product.on_hand, 15);
  CHECK_EQ(product_of(product).on_hand, 15);
  CHECK_EQ(count_of("stock.adjusted"), 1u);
}

SCENARIO("G3: a crash at any message leaves an adjustment done once when it is repeated") {
  for (int messages = 0; messages < 40; ++messages) {
    fixture w;
    w.send<stock_adjusted_once>(w.products, w.command("one", 5));
    for (int i = 0; i < messages; ++i)
      w.consume_message();
    w.restart();
    const auto again = w.adjust("one", 5);
    CAF_REQUIRE(again.has_value());
    CHECK_EQ(again->product.on_hand, 15);
    CHECK_EQ(w.count_of("stock.adjusted"), 1u);
  }
}

END_FIXTURE_SCOPE()
