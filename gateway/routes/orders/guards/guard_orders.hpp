#pragma once

#include "gateway/context/context.hpp"
#include "gateway/http/problem.hpp"
#include "messages/functions/order_guards.hpp"

#include <optional>

/// Functions that are asked before an order is placed.
namespace waybill::http::routes::orders {

/// The guards now; null when there are none. Throws unavailable while they are not known.
order_guards::list present_guards(const context& ctx);

/// Asks `guards`, one after the other, about an order with its prices, and adds what they note to its metadata. Gives
/// the problem of the first that refuses it.
task<std::optional<problem>> ask_guards(context& ctx, order_guards::list guards, place_order& order);

} // namespace waybill::http::routes::orders
