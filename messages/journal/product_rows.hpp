#pragma once

#include "domain/product.hpp"

#include <boost/describe/class.hpp>

#include <cstdint>
#include <optional>
#include <string>

/// What is stored of products apart from their state, and the queries for it.
namespace waybill {

/// What lists of products filter and sort by; `sku` is unique among all products.
struct product_row {
  std::string id;
  std::string sku;
  std::string name;
  bool withdrawn = false;
};
BOOST_DESCRIBE_STRUCT(product_row, (), (id, sku, name, withdrawn))

struct reservation_row {
  std::string product;
  std::string order;
  product::reservation reservation;
};
BOOST_DESCRIBE_STRUCT(reservation_row, (), (product, order, reservation))

struct reservation_forgotten {
  std::string product;
  std::string order;
};
BOOST_DESCRIBE_STRUCT(reservation_forgotten, (), (product, order))

/// An adjustment of the stock that had an id, and how it was answered; it is written once.
struct stock_adjustment_row {
  std::string product;
  std::string id;
  std::int64_t delta = 0;
  std::string reason;
  /// A product_view (JSON).
  std::string answer;
};
BOOST_DESCRIBE_STRUCT(stock_adjustment_row, (), (product, id, delta, reason, answer))

/// Sorted by id; `query` is looked for in SKU and name, without regard to case. Withdrawn products are left out.
struct list_products {
  std::string query;
  std::string cursor_id;
  std::uint32_t limit = 50;
};
BOOST_DESCRIBE_STRUCT(list_products, (), (query, cursor_id, limit))

/// One reservation, live or closed.
struct find_reservation {
  std::string product;
  std::string order;
};
BOOST_DESCRIBE_STRUCT(find_reservation, (), (product, order))

struct found_reservation {
  std::optional<product::reservation> reservation;
};
BOOST_DESCRIBE_STRUCT(found_reservation, (), (reservation))

struct find_stock_adjustment {
  std::string product;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(find_stock_adjustment, (), (product, id))

struct found_stock_adjustment {
  std::optional<stock_adjustment_row> adjustment;
};
BOOST_DESCRIBE_STRUCT(found_stock_adjustment, (), (adjustment))

} // namespace waybill
