#pragma once

#include "domain/base/time.hpp"

#include <boost/describe/class.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What is stored of notifications, and the query for it.
namespace waybill {

struct notification_row {
  std::string id;
  std::string customer;
  /// Empty: it is about no order.
  std::string order;
  /// The type of the event it is about, as in `order.confirmed`; `message` for one that was pushed.
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

/// Newest first. Asked of the readers of the same node only.
struct list_notifications {
  std::string customer;
  bool unread_only = false;
  std::string cursor_id;
  std::uint32_t limit = 50;
  /// Only these, at most max_wanted_notifications; none: all.
  std::vector<std::string> ids{};
};
BOOST_DESCRIBE_STRUCT(list_notifications, (), (customer, unread_only, cursor_id, limit, ids))

inline constexpr std::size_t max_wanted_notifications = 100;

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
