#define CAF_SUITE actors.former_owner
#include "domain/base/errors.hpp"
#include "tests/actors/support/two_nodes.hpp"

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

/// `other` owned everything, and has not heard yet that it belongs to `test` now.
struct fixture : two_nodes {
  void take_over() {
    place(products, "test", {peer("other", other)});
    place(orders, "test", {peer("other", other_orders)});
    place(other, "other", {peer("other", other)});
    place(other_orders, "other", {peer("other", other_orders)});
    consume_messages();
    place(products, "test", {peer("test", products)});
    place(orders, "test", {peer("test", orders)});
    consume_messages();
  }

  product_view add_at_former_owner(const product_id& product, std::int64_t quantity) {
    return ask<product_view>(other, adjust_stock{product, quantity, "found", 0, {}}).value();
  }
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("a reader sees what the former owner has written since the entity was loaded") {
  const auto product = stock_up(10);
  take_over();
  CHECK_EQ(product_of(product).on_hand, 10);
  CHECK_EQ(add_at_former_owner(product, 5).on_hand, 15);
  CHECK_EQ(product_of(product).on_hand, 15);
}

SCENARIO("no command is refused by a state that the former owner has changed") {
  const auto product = stock_up(10);
  take_over();
  CHECK_EQ(product_of(product).on_hand, 10);
  const auto changed = add_at_former_owner(product, 5);
  const auto order = order_for({line_of(product, 12)});
  CAF_REQUIRE(ask<order_placed>(orders, order).has_value());
  CHECK_EQ(rest_of(order.id).status, order::status::completed);
  add_at_former_owner(product, 1);
  const auto at_version = product_of(product).version;
  CHECK(at_version > changed.version);
  CHECK(ask<product_view>(products, withdraw_product{product, at_version, {}}).has_value());
}

SCENARIO("what cannot be read again is refused in a way that is safe to repeat, and works later") {
  const auto product = stock_up(10);
  take_over();
  CHECK_EQ(product_of(product).on_hand, 10);
  add_at_former_owner(product, 5);
  database.set_available(false);
  CHECK_EQ(ask<product_view>(products, get_product{product}).error().code, ec::unavailable);
  database.set_available(true);
  CHECK_EQ(product_of(product).on_hand, 15);
}

SCENARIO("the first reader after a long pause sees what the former owner wrote meanwhile") {
  const auto product = stock_up(10);
  take_over();
  CHECK_EQ(product_of(product).on_hand, 10);
  pass(19s);
  CHECK_EQ(product_of(product).on_hand, 10);
  add_at_former_owner(product, 5);
  pass(2s);
  CHECK_EQ(product_of(product).on_hand, 15);
}

SCENARIO("an order that the former owner may still change is not shown from memory") {
  const auto product = stock_up(10);
  const auto order = order_for({line_of(product, 1)});
  CAF_REQUIRE(ask<order_placed>(orders, order).has_value());
  rest_of(order.id);
  const get_order query{order.id, of_everything()};
  CHECK(ask<order::state>(orders, query).has_value());
  CHECK(cache->find(query) != nullptr);
  take_over();
  CHECK(ask<order::state>(orders, query).value().status == order::status::completed);
  CHECK(cache->find(query) == nullptr);
  pass(20s);
  CHECK(ask<order::state>(orders, query).value().status == order::status::completed);
  CHECK(cache->find(query) != nullptr);
}

END_FIXTURE_SCOPE()
