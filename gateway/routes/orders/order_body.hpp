#pragma once

#include "gateway/http/json_body.hpp"
#include "messages/order/order_changes.hpp"
#include "messages/order/orders.hpp"

#include <vector>

namespace waybill::http {

/// The order in a body, without prices and names. Adds everything that is wrong to `errors`.
place_order read_order(const boost::json::value& body, std::vector<field_error>& errors);

/// The changes of an order in a body, likewise.
change_order read_change(const boost::json::value& body, std::vector<field_error>& errors);

} // namespace waybill::http
