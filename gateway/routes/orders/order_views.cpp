#include "gateway/routes/orders/order_views.hpp"

#include "domain/base/codec.hpp"
#include "messages/journal/event_json.hpp"

namespace waybill::http {

namespace {

void write_money(json_writer& out, const money& what) {
  out.begin_object().member("amount", what.amount).member("currency", what.currency).end_object();
}

void write_line(json_writer& out, const order::line& what) {
  out.begin_object()
    .member("product_id", what.product.value)
    .member("sku", what.sku)
    .member("name", what.name)
    .member("quantity", what.quantity);
  write_money(out.key("unit_price"), what.unit_price);
  // Checked for overflow when the order was made.
  write_money(out.key("total"), {what.unit_price.amount * what.quantity, what.unit_price.currency});
  out.end_object();
}

void write_person(json_writer& out, const order::person& what) {
  out.begin_object().member("kind", what.kind).member("id", what.id).end_object();
}

void write_delivery_to(json_writer& out, const order::recipient& what) {
  out.begin_object().member("name", what.name).member("address", what.address).end_object();
}

/// What the payment is for its customer: a payment that is captured has nothing to tell of its refunds.
std::string_view status_of(const payment::state& what) {
  if (what.status == payment::status::none)
    return codec::enum_name(order::payment_status::pending);
  if (what.status != payment::status::captured || what.refunded.is_zero())
    return codec::enum_name(what.status);
  return codec::enum_name(what.refunded == what.captured ? order::payment_status::refunded
                                                         : order::payment_status::partially_refunded);
}

/// The outcome of a refund, if it was known when the order was at `version`.
order::refund_status status_at(const order::refund& what, std::uint64_t version) {
  const bool was_known = what.settled_version != 0 && what.settled_version <= version;
  return was_known ? what.status : order::refund_status::pending;
}

void write_refund(json_writer& out, const order::refund& what, std::uint64_t version) {
  const auto status = status_at(what, version);
  out.begin_object().member("id", what.id.value).member("status", codec::enum_name(status));
  write_money(out.key("amount"), what.amount);
  out.member("reason", what.reason);
  write_person(out.key("by"), what.by);
  out.member("requested_at", to_rfc3339(what.requested_at));
  if (status != order::refund_status::pending)
    out.member("settled_at", to_rfc3339(what.settled_at.value_or(what.requested_at)));
  if (status == order::refund_status::declined)
    out.member("decline_reason", what.decline_reason);
  out.end_object();
}

void write_refund_list(json_writer& out, const order::state& what, std::uint64_t version) {
  out.begin_array();
  for (const auto& one : order::refunds_of(what))
    if (one.requested_version <= version)
      write_refund(out, one, version);
  out.end_array();
}

} // namespace

void write_order(json_writer& out, const order::state& what) {
  out.begin_object()
    .member("id", what.id.value)
    .member("customer_id", what.customer.value)
    .member("status", codec::enum_name(what.status))
    .member("payment_status", codec::enum_name(what.payment_status))
    .member("fulfillment_status", codec::enum_name(what.fulfillment_status));
  out.key("lines").begin_array();
  for (const auto& line : what.lines)
    write_line(out, line);
  out.end_array();
  write_money(out.key("total"), what.total);
  out.key("payment").begin_object().member("method", what.payment.method).end_object();
  write_delivery_to(out.key("delivery"), what.delivery);
  out.member("note", what.note);
  if (!what.reason.empty())
    out.member("reason", what.reason);
  if (!what.refunded.is_zero())
    write_money(out.key("refunded"), what.refunded);
  if (what.hold) {
    out.key("hold").begin_object();
    write_person(out.key("by"), what.hold->by);
    out.member("reason", what.hold->reason)
      .member("since", to_rfc3339(what.hold->since))
      .member("until", to_rfc3339(what.hold->until))
      .end_object();
  }
  out.member("created_at", to_rfc3339(what.created_at))
    .member("updated_at", to_rfc3339(what.updated_at))
    .member("version", what.version)
    .end_object();
}

void write_refunds(json_writer& out, const order::state& what, std::uint64_t version) {
  // Nothing is captured yet in the order's currency too.
  const money captured{what.captured.amount, what.total.currency};
  money refunded{0, captured.currency};
  for (const auto& one : order::refunds_of(what))
    if (status_at(one, version) == order::refund_status::refunded)
      refunded.amount += one.amount.amount;
  out.begin_object().member("order_id", what.id.value);
  write_money(out.key("captured"), captured);
  write_money(out.key("refunded"), refunded);
  write_refund_list(out.key("items"), what, version);
  out.end_object();
}

void write_payment(json_writer& out, const order::state& of, const payment::state& what) {
  const money nothing{0, of.total.currency};
  const bool begun = !what.amount.currency.empty();
  out.begin_object().member("order_id", of.id.value).member("status", status_of(what));
  out.member("method", of.payment.method);
  write_money(out.key("amount"), begun ? what.amount : of.total);
  write_money(out.key("authorized"), begun ? what.authorized : nothing);
  write_money(out.key("captured"), begun ? what.captured : nothing);
  write_money(out.key("refunded"), begun ? what.refunded : nothing);
  if (!what.reference.empty())
    out.member("reference", what.reference);
  if (what.status == payment::status::declined)
    out.member("decline_reason", what.decline_reason);
  write_refund_list(out.key("refunds"), of, of.version);
  out.end_object();
}

void write_delivery(json_writer& out, const order::state& of, const delivery::state& what) {
  const bool requested = what.version > 0 && what.status != delivery::status::cancelled;
  out.begin_object().member("order_id", of.id.value).member("status", codec::enum_name(what.status));
  write_delivery_to(out.key("recipient"), requested ? order::recipient{what.name, what.address} : of.delivery);
  out.member("attempts", what.attempt);
  out.key("courier_id");
  if (what.courier.empty())
    out.null();
  else
    out.text(what.courier.value);
  if (!what.reason.empty())
    out.member("reason", what.reason);
  if (what.version > 0) {
    out.member("id", what.id.value)
      .member("requested_at", to_rfc3339(what.created_at))
      .member("updated_at", to_rfc3339(what.updated_at));
  }
  out.end_object();
}

void write_product(json_writer& out, const product_view& what) {
  out.begin_object().member("id", what.id.value).member("sku", what.sku).member("name", what.name);
  write_money(out.key("price"), what.price);
  out.member("on_hand", what.on_hand)
    .member("reserved", what.reserved)
    .member("available", what.on_hand - what.reserved)
    .member("created_at", to_rfc3339(what.created_at))
    .member("updated_at", to_rfc3339(what.updated_at))
    .member("version", what.version)
    .end_object();
}

void write_event(json_writer& out, const stored_event& what) {
  std::string text;
  append_event_json(text, what);
  out.raw(text);
}

void write_notification(json_writer& out, const stored_notification& what) {
  out.begin_object()
    .member("id", what.row.id)
    .member("order_id", what.row.order)
    .member("kind", what.row.kind)
    .member("text", what.row.text)
    .member("created_at", to_rfc3339(what.row.created_at))
    .key("read_at");
  if (what.read_at)
    out.text(to_rfc3339(*what.read_at));
  else
    out.null();
  out.end_object();
}

} // namespace waybill::http
