#pragma once

#include "messages/common.hpp"

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

/// An event of those who make notifications: a customer was told of something.
struct notification_sent {
  static constexpr std::string_view type = "notification.sent";
  std::string notification;
  std::string customer;
  std::string order;
  /// The type of the event that it is about.
  std::string about;
};
BOOST_DESCRIBE_STRUCT(notification_sent, (), (notification, customer, order, about))

struct notifications_marked {
  timestamp read_at;
};
BOOST_DESCRIBE_STRUCT(notifications_marked, (), (read_at))

} // namespace waybill
