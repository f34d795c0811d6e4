#define CAF_SUITE actors.order
#include "tests/actors/shop.hpp"

using namespace waybill;

using names = std::vector<std::string>;

BEGIN_FIXTURE_SCOPE(waybill::test::shop)

SCENARIO("a placed order is reserved, paid, delivered, captured and completed") {
  const auto product = stock_up(10);
  const auto order = order_for({line_of(product, 2)});
  auto placed = ask<order_placed>(orders, order);
  CAF_REQUIRE(placed.has_value());
  CHECK_EQ(placed->order.status, order::status::placed);
  CHECK(!placed->replayed);
  const auto done = rest_of(order.id);
  CHECK_EQ(done.status, order::status::completed);
  CHECK_EQ(done.payment_status, order::payment_status::captured);
  CHECK_EQ(done.captured.amount, 2000);
  CHECK_EQ(types_of(order.id.value),
           (names{"order.placed", "order.stock_reserved", "order.payment_authorized", "order.confirmed",
                  "order.fulfillment_started", "order.delivered", "order.payment_captured", "order.completed"}));
  CHECK_EQ(types_of(sibling_id<payment_id>(order.id).value),
           (names{"payment.intent_recorded", "payment.authorized", "payment.intent_recorded", "payment.captured"}));
  CHECK_EQ(product_of(product).on_hand, 8);
  CHECK_EQ(product_of(product).reserved, 0);
}

SCENARIO("an order that lacks stock on its second line gives the first line back and is rejected") {
  const auto plenty = stock_up(10, "plenty");
  const auto scarce = stock_up(1, "scarce");
  const auto order = order_for({line_of(plenty, 3), line_of(scarce, 2)});
  CAF_REQUIRE(ask<order_placed>(orders, order).has_value());
  const auto done = rest_of(order.id);
  CHECK_EQ(done.status, order::status::rejected);
  CHECK_EQ(done.reason, "out_of_stock");
  CHECK_EQ(product_of(plenty).reserved, 0);
  CHECK_EQ(product_of(scarce).reserved, 0);
  CHECK_EQ(count_of("payment.intent_recorded"), 0u);
}

END_FIXTURE_SCOPE()
