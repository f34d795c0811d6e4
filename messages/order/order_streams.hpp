#pragma once

#include <string>

namespace waybill {

/// What the streams of an order's further payments begin with: other lines of an order are authorised as a payment of
/// their own (docs/adr/0010). Empty for what is no order's id. The other streams of an order: streams_of_order().
std::string further_payments_of(const std::string& order);

} // namespace waybill
