#include "gateway/views.hpp"

#include "domain/codec.hpp"

namespace waybill::http {

namespace {

void write_money(json_out& out, const money& what) {
  out.begin_object().member("amount", what.amount).member("currency", what.currency).end_object();
}

void write_line(json_out& out, const order::line& what) {
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

} // namespace

void write_order(json_out& out, const order::state& what) {
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
  out.key("delivery")
    .begin_object()
    .member("name", what.delivery.name)
    .member("address", what.delivery.address)
    .end_object();
  out.member("note", what.note);
  if (!what.reason.empty())
    out.member("reason", what.reason);
  out.member("created_at", to_rfc3339(what.created_at))
    .member("updated_at", to_rfc3339(what.updated_at))
    .member("version", what.version)
    .end_object();
}

void write_product(json_out& out, const product_view& what) {
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

void write_event(json_out& out, const stored_event& what) {
  out.begin_object()
    .member("id", event_id(what))
    .member("position", to_string(what.position))
    .member("stream", what.stream)
    .member("version", what.version)
    .member("type", what.type)
    .member("schema", what.schema)
    .member("occurred_at", to_rfc3339(what.at))
    .member("correlation_id", what.origin.correlation_id)
    .member("causation_id", what.origin.causation_id);
  out.key("by").begin_object().member("kind", what.origin.by_kind).member("id", what.origin.by_id).end_object();
  out.member("node", what.node).key("data").raw(public_event_data(what.type, what.data)).end_object();
}

void write_notification(json_out& out, const stored_notification& what) {
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
