#pragma once

#include "messages/common.hpp"
#include "messages/journal/notification_rows.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace waybill {

/// Marks one notification of the customer as read, or all of them when `id` is empty.
struct mark_notifications_read {
  customer_id customer;
  std::string id;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(mark_notifications_read, (), (customer, id, origin))

/// Tells a customer something that no event led to.
struct push_notification {
  /// The same intent is the same notification, however often it comes.
  std::string intent;
  customer_id customer;
  /// The order that it is about, which must be the customer's; empty: none.
  order_id order;
  std::string text;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(push_notification, (), (intent, customer, order, text, origin))

/// The kind of a notification that was pushed.
inline constexpr std::string_view pushed_kind = "message";

struct notification_pushed {
  /// As it was stored first.
  notification_row notification;
  /// It was there before.
  bool replayed = false;
};
BOOST_DESCRIBE_STRUCT(notification_pushed, (), (notification, replayed))

/// An event of those who make notifications: a customer was told of something.
struct notification_sent {
  static constexpr std::string_view type = "notification.sent";
  std::string notification;
  std::string customer;
  /// None: it is about no order.
  std::optional<std::string> order;
  /// The type of the event that it is about, or pushed_kind.
  std::string about;
};
BOOST_DESCRIBE_STRUCT(notification_sent, (), (notification, customer, order, about))

struct notifications_marked {
  timestamp read_at;
};
BOOST_DESCRIBE_STRUCT(notifications_marked, (), (read_at))

} // namespace waybill
