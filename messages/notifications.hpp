#pragma once

#include "messages/common.hpp"

namespace waybill {

/// Marks one notification of the customer as read, or all of them when `id` is empty.
struct mark_notifications_read {
  customer_id customer;
  std::string id;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(mark_notifications_read, (), (customer, id, origin))

struct notifications_marked {
  timestamp read_at;
};
BOOST_DESCRIBE_STRUCT(notifications_marked, (), (read_at))

} // namespace waybill
