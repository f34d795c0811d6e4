#pragma once

#include "domain/base/time.hpp"

#include <boost/describe/class.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What is stored of notifications, and the query for it.
namespace waybill {

struct notification_row {
  std::string id;
  std::string customer;
  std::string order;
  /// The type of the event it is about, as in `order.confirmed`.
  std::string kind;
  std::string text;
  timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(notification_row, (), (id, customer, order, kind, text, created_at))

/// Marks one notification of the customer as read, or all of them when `id` is empty.
struct notification_read {
  std::string customer;
  std::string id;
  timestamp read_at;
};
BOOST_DESCRIBE_STRUCT(notification_read, (), (customer, id, read_at))

/// Newest first; with an `id` that one only.
struct list_notifications {
  std::string customer;
  bool unread_only = false;
  std::string cursor_id;
  std::uint32_t limit = 50;
  std::string id{};
};
BOOST_DESCRIBE_STRUCT(list_notifications, (), (customer, unread_only, cursor_id, limit, id))

struct stored_notification {
  notification_row row;
  std::optional<timestamp> read_at;
};
BOOST_DESCRIBE_STRUCT(stored_notification, (), (row, read_at))

struct notification_page {
  std::vector<stored_notification> notifications;
  bool more = false;
};
BOOST_DESCRIBE_STRUCT(notification_page, (), (notifications, more))

} // namespace waybill
