#pragma once

#include "gateway/context/context.hpp"
#include "messages/order/orders.hpp"

#include <string>

/// How an order that is paid later is paid, over whichever door.
namespace waybill::http::routes::orders {

/// Pays the order as the caller. `intent` tells a repeated request from another payer. `expected_version` is zero for
/// any. Throws a problem: not_found, 409 illegal_transition when it cannot be paid (any more), 422
/// idempotency_key_reused, 412.
task<order_paid> pay_later(context& ctx, const request& req, const order_id& id, order::payment_means payment,
                           std::string intent, std::uint64_t expected_version);

/// The order as it was when it was paid, which is what its payer was answered with first; as it is now when the events
/// up to there have been removed.
task<order::state> as_paid(context& ctx, const request& req, const order::state& order);

} // namespace waybill::http::routes::orders
