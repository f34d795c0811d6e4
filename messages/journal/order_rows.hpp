#pragma once

#include "domain/base/time.hpp"

#include <boost/describe/class.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What is stored of orders for lists, and the query for it.
namespace waybill {

/// What lists of orders filter and sort by.
struct order_row {
  std::string id;
  std::string customer;
  std::string status;
  timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(order_row, (), (id, customer, status, created_at))

/// Keyset pagination: `after_key` and `after_id` are the sort key and id of the last item of the page before.
struct list_orders {
  std::string customer;
  std::string status;
  std::optional<timestamp> created_after;
  std::optional<timestamp> created_before;
  bool oldest_first = false;
  std::optional<timestamp> cursor_time;
  std::string cursor_id;
  std::uint32_t limit = 50;
};
BOOST_DESCRIBE_STRUCT(list_orders, (),
                      (customer, status, created_after, created_before, oldest_first, cursor_time, cursor_id, limit))

/// Which of `orders`, at most max_ended_orders, are over or do not exist.
struct find_ended_orders {
  std::vector<std::string> orders;
};
BOOST_DESCRIBE_STRUCT(find_ended_orders, (), (orders))

inline constexpr std::size_t max_ended_orders = 500;

struct ended_orders {
  std::vector<std::string> orders;
};
BOOST_DESCRIBE_STRUCT(ended_orders, (), (orders))

} // namespace waybill
