#pragma once

#include "tests/actors/support/order_node.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace waybill::test {

inline const provenance an_operator{"req", "", "", "operator", "usr_1"};

/// A node with one order of two pieces of a product of which there are ten, and what operators do to it.
struct changeable_order : order_node {
  using order_node::order_node;

  void place(const std::string& token = "tok_ok", const std::string& address = "Main Street 1") {
    product = stock_up(10, make_id_suffix());
    order = order_for({line_of(product, 2)}, token, address);
  }

  void complete(const std::string& token = "tok_ok") {
    place(token);
    CAF_REQUIRE(ask<order_placed>(orders, order).has_value());
    CAF_REQUIRE(rest_of(order.id).status == order::status::completed);
  }

  /// The operator is as quick as the order: it is held before it can be dispatched.
  void place_held(const std::string& token = "tok_ok") {
    place(token);
    const auto placed = send<order_placed>(orders, order);
    const auto held = send<order::state>(orders, hold("looks odd"));
    run_to("a held order", [&] { return stored<order::state>(order.id.value).hold.has_value(); });
    CAF_REQUIRE((*placed)->has_value());
    run_to("a confirmed order", [&] { return order_of(order.id).status == order::status::confirmed; });
    CAF_REQUIRE((*held)->has_value());
  }

  hold_order hold(const std::string& reason) { return {order.id, reason, 0, an_operator, of_everything()}; }
  release_order release() { return {order.id, "all is well", 0, an_operator, of_everything()}; }

  refund_order refund(const std::string& id, std::optional<std::int64_t> cents = {}) {
    std::optional<money> amount;
    if (cents)
      amount = money{*cents, "EUR"};
    return {order.id, derive_id<refund_id>(id), amount, "broken", 0, an_operator, of_everything()};
  }

  change_order revise(std::vector<order::line> lines, const std::string& intent = "intent") {
    return {order.id, intent, {}, {}, std::move(lines), 0, an_operator, of_everything()};
  }

  void finish_refunds() {
    run_to("the refunds' end", [&] { return !order::has_work(order_of(order.id)); });
    consume_messages();
  }

  /// The reserved quantity, over all products.
  std::int64_t reserved() { return product_of(product).reserved; }

  product_id product;
  place_order order;
};

} // namespace waybill::test
