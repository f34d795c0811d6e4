#pragma once

#include "domain/base/time.hpp"

#include <boost/describe/class.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What is stored of couriers and deliveries for lists and for the search for a courier, and the queries for it.
namespace waybill {

/// What lists of couriers, and the search for one who has time, filter and sort by.
struct courier_row {
  std::string id;
  bool online = false;
  bool removed = false;
  std::uint32_t capacity = 1;
  /// How many deliveries they have.
  std::uint32_t active = 0;
  timestamp changed_at;
};
BOOST_DESCRIBE_STRUCT(courier_row, (), (id, online, removed, capacity, active, changed_at))

/// Sorted by id; those who were removed are left out.
struct list_couriers {
  std::optional<bool> online;
  std::string cursor_id;
  std::uint32_t limit = 50;
};
BOOST_DESCRIBE_STRUCT(list_couriers, (), (online, cursor_id, limit))

/// Couriers who are online and have places that are neither taken nor offered: those with the least to do first, and
/// of these who has been idle the longest.
struct find_free_couriers {
  std::uint32_t limit = 100;
};
BOOST_DESCRIBE_STRUCT(find_free_couriers, (), (limit))

struct free_courier {
  std::string courier;
  std::uint32_t places = 0;
};
BOOST_DESCRIBE_STRUCT(free_courier, (), (courier, places))

struct free_couriers {
  std::vector<free_courier> couriers;
};
BOOST_DESCRIBE_STRUCT(free_couriers, (), (couriers))

/// What lists of deliveries filter and sort by.
struct delivery_row {
  std::string id;
  /// Empty while nobody has it.
  std::string courier;
  std::string status;
  timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(delivery_row, (), (id, courier, status, created_at))

/// Newest first; empty words mean any.
struct list_deliveries {
  std::string status;
  std::string courier;
  std::optional<timestamp> cursor_time;
  std::string cursor_id;
  std::uint32_t limit = 50;
};
BOOST_DESCRIBE_STRUCT(list_deliveries, (), (status, courier, cursor_time, cursor_id, limit))

} // namespace waybill
