#pragma once

#include "domain/product.hpp"
#include "messages/common.hpp"

namespace waybill {

struct create_product {
  product::create create;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(create_product, (), (create, origin))

struct get_product {
  product_id id;
};
BOOST_DESCRIBE_STRUCT(get_product, (), (id))

/// `expected_version` zero means any.
struct change_product {
  product_id id;
  product::change change;
  std::uint64_t expected_version = 0;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(change_product, (), (id, change, expected_version, origin))

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

/// The same under an id: repeated with the same values, it is done once and answered as it was first.
/// `expected_version` counts for the first one only.
struct adjust_stock_once {
  product_id id;
  adjustment_id adjustment;
  std::int64_t delta = 0;
  std::string reason;
  std::uint64_t expected_version = 0;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(adjust_stock_once, (), (id, adjustment, delta, reason, expected_version, origin))

using product_view = product::view;

struct stock_adjusted_once {
  /// As it was after the adjustment.
  product_view product;
  /// The adjustment was done before.
  bool replayed = false;
};
BOOST_DESCRIBE_STRUCT(stock_adjusted_once, (), (product, replayed))

/// Reserves the whole `quantity` for the order, or nothing. Valid until `reserve_by`.
struct reserve_stock {
  product_id product;
  order_id order;
  customer_id customer;
  std::int64_t quantity = 0;
  timestamp reserve_by;
  provenance origin;
  placed_in builds_on = {};
};
BOOST_DESCRIBE_STRUCT(reserve_stock, (), (product, order, customer, quantity, reserve_by, origin, builds_on))

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
  placed_in builds_on = {};
};
BOOST_DESCRIBE_STRUCT(commit_stock, (), (product, order, customer, quantity, origin, builds_on))

/// Ends the order's reservation, and refuses a reservation request that is still under way.
struct release_stock {
  product_id product;
  order_id order;
  customer_id customer;
  timestamp reserve_by;
  provenance origin;
  placed_in builds_on = {};
};
BOOST_DESCRIBE_STRUCT(release_stock, (), (product, order, customer, reserve_by, origin, builds_on))

} // namespace waybill
