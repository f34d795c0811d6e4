#pragma once

#include "gateway/http/json_body.hpp"
#include "messages/order/order_changes.hpp"
#include "messages/order/orders.hpp"

#include <vector>

namespace waybill::http {

/// The order as the client wrote it, and everything that is wrong with it; prices and names are still missing.
place_order read_order(const boost::json::value& body, std::vector<field_error>& errors);

/// What the client wants to be different, likewise.
change_order read_change(const boost::json::value& body, std::vector<field_error>& errors);

} // namespace waybill::http
