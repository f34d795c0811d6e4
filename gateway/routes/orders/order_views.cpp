#include "gateway/routes/orders/order_views.hpp"

#include "domain/json/codec.hpp"
#include "gateway/http/json_members.hpp"

namespace waybill::http {

namespace {

/// The status that the customer sees. A captured payment stays `captured` in its own state, however much is refunded.
std::string_view status_of(const order::state& order, const payment::state& payment) {
  // The order knows why nothing was asked for: it is to come, or never will be.
  if (payment.status == payment::status::none)
    return waybill::name_of(order.payment_status);
  if (payment.status != payment::status::captured || payment.refunded.is_zero())
    return waybill::name_of(payment.status);
  return waybill::name_of(payment.refunded == payment.captured ? order::payment_status::refunded
                                                               : order::payment_status::partially_refunded);
}

/// The outcome of a refund, if it was known when the order was at `version`.
order::refund_status status_at(const order::refund& refund, std::uint64_t version) {
  const bool was_known = refund.settled_version != 0 && refund.settled_version <= version;
  return was_known ? refund.status : order::refund_status::pending;
}

void write_refund(json_writer& out, const order::refund& refund, std::uint64_t version) {
  const auto status = status_at(refund, version);
  out.begin_object().member("id", refund.id.value).member("status", waybill::name_of(status));
  write_money(out.key("amount"), refund.amount);
  out.member("reason", refund.reason);
  write_person(out.key("by"), refund.by);
  out.member("requested_at", to_rfc3339(refund.requested_at));
  if (status != order::refund_status::pending)
    out.member("settled_at", to_rfc3339(refund.settled_at.value_or(refund.requested_at)));
  if (status == order::refund_status::declined)
    out.member("decline_reason", refund.decline_reason);
  out.end_object();
}

void write_refund_list(json_writer& out, const order::state& order, std::uint64_t version) {
  out.begin_array();
  for (const auto& refund : order::refunds_of(order))
    if (refund.requested_version <= version)
      write_refund(out, refund, version);
  out.end_array();
}

} // namespace

void write_refunds(json_writer& out, const order::state& order, std::uint64_t version) {
  // Before the capture the amount is zero and has no currency.
  const money captured{order.captured.amount, order.total.currency};
  money refunded{0, captured.currency};
  for (const auto& refund : order::refunds_of(order))
    if (status_at(refund, version) == order::refund_status::refunded)
      refunded.amount += refund.amount.amount;
  out.begin_object().member("order_id", order.id.value);
  write_money(out.key("captured"), captured);
  write_money(out.key("refunded"), refunded);
  write_refund_list(out.key("items"), order, version);
  out.end_object();
}

void write_payment(json_writer& out, const order::state& order, const payment::state& payment) {
  const money nothing{0, order.total.currency};
  const bool begun = !payment.amount.currency.empty();
  out.begin_object().member("order_id", order.id.value).member("status", status_of(order, payment));
  out.member("method", order.payment.method);
  write_money(out.key("amount"), begun ? payment.amount : order.total);
  write_money(out.key("authorized"), begun ? payment.authorized : nothing);
  write_money(out.key("captured"), begun ? payment.captured : nothing);
  write_money(out.key("refunded"), begun ? payment.refunded : nothing);
  if (!payment.reference.empty())
    out.member("reference", payment.reference);
  if (payment.status == payment::status::declined)
    out.member("decline_reason", payment.decline_reason);
  write_refund_list(out.key("refunds"), order, order.version);
  out.end_object();
}

/// The order knows whether a delivery that was never asked for is to come.
std::string_view status_of(const order::state& order, const delivery::state& delivery) {
  const bool never = delivery.status == delivery::status::none && order::is_final(order.status);
  return never ? waybill::name_of(delivery::status::cancelled) : waybill::name_of(delivery.status);
}

void write_delivery(json_writer& out, const order::state& order, const delivery::state& delivery) {
  const bool requested = delivery.version > 0 && delivery.status != delivery::status::cancelled;
  out.begin_object().member("order_id", order.id.value).member("status", status_of(order, delivery));
  write_delivery_to(out.key("recipient"),
                    requested ? order::recipient{delivery.name, delivery.address} : order.delivery);
  out.member("attempts", delivery.attempt);
  write_optional(out, "courier_id", delivery.courier.value);
  if (!delivery.reason.empty())
    out.member("reason", delivery.reason);
  if (delivery.version > 0) {
    out.member("id", delivery.id.value)
      .member("requested_at", to_rfc3339(delivery.created_at))
      .member("updated_at", to_rfc3339(delivery.updated_at));
  }
  out.end_object();
}

void write_product(json_writer& out, const product_view& product) {
  out.begin_object().member("id", product.id.value).member("sku", product.sku).member("name", product.name);
  write_money(out.key("price"), product.price);
  out.member("on_hand", product.on_hand)
    .member("reserved", product.reserved)
    .member("available", product.on_hand - product.reserved)
    .member("created_at", to_rfc3339(product.created_at))
    .member("updated_at", to_rfc3339(product.updated_at))
    .member("version", product.version)
    .end_object();
}

void write_notification(json_writer& out, const stored_notification& notification) {
  out.begin_object().member("id", notification.row.id);
  if (notification.row.order.empty())
    out.key("order_id").null();
  else
    out.member("order_id", notification.row.order);
  out.member("kind", notification.row.kind)
    .member("text", notification.row.text)
    .member("created_at", to_rfc3339(notification.row.created_at));
  write_time(out, "read_at", notification.read_at);
  out.end_object();
}

} // namespace waybill::http
