#pragma once

#include "gateway/routes/view_text.hpp"

#include "domain/order_view/order_json.hpp"
#include "messages/deliveries.hpp"
#include "messages/journal/event_log.hpp"
#include "messages/journal/notification_rows.hpp"
#include "messages/order/orders.hpp"
#include "messages/payments.hpp"
#include "messages/products.hpp"

#include <string>

/// The JSON of orders, their parts, products and notifications, as clients see it.
namespace waybill::http {

/// The order's refunds as they were when the order was at `version`.
void write_refunds(json_writer& out, const order::state& order, std::uint64_t version);
/// Without the payment token. A payment or a delivery that does not exist yet has version 0.
void write_payment(json_writer& out, const order::state& order, const payment::state& payment);
void write_delivery(json_writer& out, const order::state& order, const delivery::state& delivery);
void write_product(json_writer& out, const product_view& product);
void write_notification(json_writer& out, const stored_notification& notification);

} // namespace waybill::http
