#pragma once

#include <string>
#include <string_view>
#include <vector>

/// The streams of an order, its payments and its delivery: their ids have the order's suffix. Further payments have a
/// number behind it, because other lines of an order are authorised as a payment of their own (docs/adr/0010).
namespace waybill {

/// The streams of the order, its first payment and its delivery.
std::vector<std::string> streams_of_order(const std::string& order);

/// What the streams of the order's further payments begin with; empty when `order` is no order's id.
std::string further_payments_of(const std::string& order);

/// Whether `stream` is one of the order's.
bool is_stream_of_order(std::string_view stream, std::string_view order) noexcept;

} // namespace waybill
