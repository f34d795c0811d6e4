#pragma once

#include "domain/base/json_writer.hpp"
#include "messages/deliveries.hpp"
#include "messages/journal/event_log.hpp"
#include "messages/journal/notification_rows.hpp"
#include "messages/order/orders.hpp"
#include "messages/payments.hpp"
#include "messages/products.hpp"

#include <string>

/// The JSON that clients see of each thing.
namespace waybill::http {

/// Without the payment token.
void write_order(json_writer& out, const order::state& what);
/// The order's refunds as they were when the order was at `version`.
void write_refunds(json_writer& out, const order::state& what, std::uint64_t version);
/// Without the payment token. A payment or a delivery that there is not yet has version 0.
void write_payment(json_writer& out, const order::state& of, const payment::state& what);
void write_delivery(json_writer& out, const order::state& of, const delivery::state& what);
void write_product(json_writer& out, const product_view& what);
void write_event(json_writer& out, const stored_event& what);
void write_notification(json_writer& out, const stored_notification& what);

template <class T>
std::string text_of(void (*write)(json_writer&, const T&), const T& what) {
  json_writer out;
  write(out, what);
  return out.take();
}

} // namespace waybill::http
