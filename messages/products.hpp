#pragma once

#include "domain/product.hpp"
#include "messages/common.hpp"

namespace waybill {

struct create_product {
  product_id id;
  std::string sku;
  std::string name;
  money price;
  std::int64_t on_hand = 0;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(create_product, (), (id, sku, name, price, on_hand, origin))

struct get_product {
  product_id id;
};
BOOST_DESCRIBE_STRUCT(get_product, (), (id))

/// Absent fields stay as they are; `expected_version` zero means any.
struct change_product {
  product_id id;
  std::optional<std::string> sku;
  std::optional<std::string> name;
  std::optional<money> price;
  std::uint64_t expected_version = 0;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(change_product, (), (id, sku, name, price, expected_version, origin))

struct withdraw_product {
  product_id id;
  std::uint64_t expected_version = 0;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(withdraw_product, (), (id, expected_version, origin))

struct adjust_stock {
  product_id id;
  std::int64_t delta = 0;
  std::string reason;
  std::uint64_t expected_version = 0;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(adjust_stock, (), (id, delta, reason, expected_version, origin))

/// `product::state` without the reservations.
struct product_view {
  product_id id;
  std::string sku;
  std::string name;
  money price;
  std::int64_t on_hand = 0;
  std::int64_t reserved = 0;
  bool withdrawn = false;
  timestamp created_at;
  timestamp updated_at;
  std::uint64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(product_view, (),
                      (id, sku, name, price, on_hand, reserved, withdrawn, created_at, updated_at, version))

/// Reserves the whole `quantity` for the order, or nothing. Valid until `reserve_by`.
struct reserve_stock {
  product_id product;
  order_id order;
  customer_id customer;
  std::int64_t quantity = 0;
  timestamp reserve_by;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(reserve_stock, (), (product, order, customer, quantity, reserve_by, origin))

struct stock_answer {
  product_id product;
  bool reserved = false;
  /// What was available when it was not enough.
  std::int64_t available = 0;
};
BOOST_DESCRIBE_STRUCT(stock_answer, (), (product, reserved, available))

/// The goods were delivered: takes the order's reserved quantity off the stock on hand.
struct commit_stock {
  product_id product;
  order_id order;
  customer_id customer;
  std::int64_t quantity = 0;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(commit_stock, (), (product, order, customer, quantity, origin))

/// Ends the order's reservation, and refuses a reservation request that is still under way.
struct release_stock {
  product_id product;
  order_id order;
  customer_id customer;
  timestamp reserve_by;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(release_stock, (), (product, order, customer, reserve_by, origin))

} // namespace waybill
