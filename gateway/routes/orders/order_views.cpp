#include "gateway/routes/orders/order_views.hpp"

#include "domain/json/codec.hpp"
#include "gateway/http/json_members.hpp"

namespace waybill::http {

namespace {

void write_money(json_writer& out, const money& amount) {
  out.begin_object().member("amount", amount.amount).member("currency", amount.currency).end_object();
}

void write_line(json_writer& out, const order::line& line) {
  out.begin_object()
    .member("product_id", line.product.value)
    .member("sku", line.sku)
    .member("name", line.name)
    .member("quantity", line.quantity);
  write_money(out.key("unit_price"), line.unit_price);
  // Checked for overflow when the order was made.
  write_money(out.key("total"), {line.unit_price.amount * line.quantity, line.unit_price.currency});
  out.end_object();
}

void write_person(json_writer& out, const order::person& person) {
  out.begin_object().member("kind", person.kind).member("id", person.id).end_object();
}

void write_delivery_to(json_writer& out, const order::recipient& recipient) {
  out.begin_object().member("name", recipient.name).member("address", recipient.address).end_object();
}

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

void write_order(json_writer& out, const order::state& order) {
  out.begin_object()
    .member("id", order.id.value)
    .member("customer_id", order.customer.value)
    .member("status", waybill::name_of(order.status))
    .member("payment_status", waybill::name_of(order.payment_status))
    .member("fulfillment_status", waybill::name_of(order.fulfillment_status));
  out.key("lines").begin_array();
  for (const auto& line : order.lines)
    write_line(out, line);
  out.end_array();
  write_money(out.key("total"), order.total);
  out.key("payment").begin_object().member("method", order.payment.method).end_object();
  if (order::awaits_payer(order) && order.stock_reserved && order.step_by)
    out.member("pay_by", to_rfc3339(*order.step_by));
  write_delivery_to(out.key("delivery"), order.delivery);
  out.member("note", order.note);
  if (!order.reason.empty())
    out.member("reason", order.reason);
  if (!order.refunded.is_zero())
    write_money(out.key("refunded"), order.refunded);
  if (order.hold) {
    out.key("hold").begin_object();
    write_person(out.key("by"), order.hold->by);
    out.member("reason", order.hold->reason)
      .member("since", to_rfc3339(order.hold->since))
      .member("until", to_rfc3339(order.hold->until))
      .end_object();
  }
  out.member("created_at", to_rfc3339(order.created_at))
    .member("updated_at", to_rfc3339(order.updated_at))
    .member("version", order.version)
    .end_object();
}

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
  out.begin_object()
    .member("id", notification.row.id)
    .member("order_id", notification.row.order)
    .member("kind", notification.row.kind)
    .member("text", notification.row.text)
    .member("created_at", to_rfc3339(notification.row.created_at));
  write_time(out, "read_at", notification.read_at);
  out.end_object();
}

} // namespace waybill::http
