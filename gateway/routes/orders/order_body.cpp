#include "gateway/routes/orders/order_body.hpp"

#include "gateway/http/field_limits.hpp"

namespace waybill::http {

namespace json = boost::json;

namespace {

std::vector<order::line> read_lines(object_reader& from, std::vector<field_error>& errors) {
  std::vector<order::line> result;
  const auto& lines = from.array("lines", limits::lines);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    object_reader line{lines[i], from.pointer_to("lines") + '/' + std::to_string(i), errors};
    if (lines[i].is_null())
      errors.push_back({from.pointer_to("lines") + '/' + std::to_string(i), "must be an object"});
    order::line made;
    made.product = product_id{line.text("product_id", limits::product_reference)};
    made.quantity = line.integer("quantity", limits::quantity);
    line.finish();
    result.push_back(std::move(made));
  }
  return result;
}

order::recipient read_delivery(object_reader& from) {
  auto delivery = from.object("delivery");
  order::recipient result{delivery.text("name", limits::person_name), delivery.text("address", limits::address)};
  delivery.finish();
  return result;
}

} // namespace

place_order read_order(const json::value& body, std::vector<field_error>& errors) {
  place_order result;
  object_reader from{body, "", errors};
  result.lines = read_lines(from, errors);
  auto payment = from.object("payment");
  result.payment.method = payment.text("method", limits::payment_method);
  // Whoever pays later may leave a card to be charged then, but need not.
  if (result.payment.method != order::deferred_method)
    result.payment.token = payment.text("token", limits::payment_token);
  else
    result.payment.token = payment.optional_text("token", limits::payment_token).value_or("");
  payment.finish();
  result.delivery = read_delivery(from);
  result.note = from.optional_text("note", limits::note).value_or("");
  from.finish();
  if (body.is_null())
    errors.push_back({"", "must be an object"});
  return result;
}

change_order read_change(const json::value& body, delivery_patch& delivery, std::vector<field_error>& errors) {
  change_order result;
  object_reader from{body, "", errors};
  if (from.optional("lines") != nullptr)
    result.lines = read_lines(from, errors);
  if (from.optional("delivery") != nullptr) {
    auto members = from.object("delivery");
    if (members.optional("name") != nullptr)
      delivery.name = members.text("name", limits::person_name);
    if (members.optional("address") != nullptr)
      delivery.address = members.text("address", limits::address);
    members.finish();
    if (delivery.name && delivery.address)
      result.delivery = delivery.over({});
  }
  result.note = from.removable_text("note", limits::note);
  from.finish();
  if (body.is_null())
    errors.push_back({"", "must be an object"});
  return result;
}

} // namespace waybill::http
