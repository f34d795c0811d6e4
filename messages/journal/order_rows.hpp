#pragma once

#include "domain/base/time.hpp"
#include "domain/order_view/search.hpp"

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

/// Keyset pagination: `cursor_time` and `cursor_id` are the sort key and id of the last item of the page before.
///
/// What `search` asks for has no index: a page is then made of a bounded number of orders that the other members
/// select, so it may be short, even empty, while others follow (state_page::next says behind which).
struct list_orders {
  std::string customer;
  /// Any of them; empty: all.
  std::vector<std::string> statuses;
  std::optional<timestamp> created_after;
  std::optional<timestamp> created_before;
  bool oldest_first = false;
  std::optional<timestamp> cursor_time;
  std::string cursor_id;
  std::uint32_t limit = 50;
  order::search search = {};
  /// At least min_id_prefix characters long, so that it selects the orders of some moments at most.
  std::string id_prefix = {};
  /// Only these, at most max_listed_ids; none: all.
  std::optional<std::vector<std::string>> ids = {};
};
BOOST_DESCRIBE_STRUCT(list_orders, (),
                      (customer, statuses, created_after, created_before, oldest_first, cursor_time, cursor_id, limit,
                       search, id_prefix, ids))

/// `ord_` and nine characters of the time: eight milliseconds.
inline constexpr std::size_t min_id_prefix = 13;
inline constexpr std::size_t max_listed_ids = 200;

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

/// How many orders the list has of each of `statuses`, at most `most` of each are counted. Meant for those that are not
/// final: the others are never fewer.
struct count_orders {
  std::vector<std::string> statuses;
  std::uint32_t most = 100'000;
};
BOOST_DESCRIBE_STRUCT(count_orders, (), (statuses, most))

/// In the order of the statuses.
struct order_counts {
  std::vector<std::uint64_t> counts;
};
BOOST_DESCRIBE_STRUCT(order_counts, (), (counts))

} // namespace waybill
