#include "domain/order_view/order_json.hpp"

#include "domain/json/codec.hpp"

namespace waybill {

namespace {

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

} // namespace

void write_money(json_writer& out, const money& amount) {
  out.begin_object().member("amount", amount.amount).member("currency", amount.currency).end_object();
}

void write_person(json_writer& out, const order::person& person) {
  out.begin_object().member("kind", person.kind).member("id", person.id).end_object();
}

void write_delivery_to(json_writer& out, const order::recipient& recipient) {
  out.begin_object().member("name", recipient.name).member("address", recipient.address).end_object();
}

void write_lines(json_writer& out, const std::vector<order::line>& lines) {
  out.begin_array();
  for (const auto& line : lines)
    write_line(out, line);
  out.end_array();
}

void write_order(json_writer& out, const order::state& order) {
  out.begin_object()
    .member("id", order.id.value)
    .member("customer_id", order.customer.value)
    .member("status", name_of(order.status))
    .member("payment_status", name_of(order.payment_status))
    .member("fulfillment_status", name_of(order.fulfillment_status));
  write_lines(out.key("lines"), order.lines);
  write_money(out.key("total"), order.total);
  out.key("payment").begin_object().member("method", order.payment.method).end_object();
  if (order::awaits_payer(order) && order.stock_reserved && order.step_by)
    out.member("pay_by", to_rfc3339(*order.step_by));
  write_delivery_to(out.key("delivery"), order.delivery);
  out.member("note", order.note);
  if (order.metadata) {
    out.key("metadata").begin_object();
    for (const auto& [key, text] : *order.metadata)
      out.member(key, text);
    out.end_object();
  }
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

} // namespace waybill
