#include "gateway/order_body.hpp"

#include "gateway/limits.hpp"

namespace waybill::http {

namespace json = boost::json;

place_order read_order(const json::value& body, std::vector<field_error>& errors) {
  place_order result;
  object_reader from{body, "", errors};
  const auto& lines = from.array("lines", limits::lines);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    object_reader line{lines[i], from.pointer_to("lines") + '/' + std::to_string(i), errors};
    if (lines[i].is_null())
      errors.push_back({from.pointer_to("lines") + '/' + std::to_string(i), "must be an object"});
    order::line one;
    one.product = product_id{line.text("product_id", limits::product_reference)};
    one.quantity = line.integer("quantity", limits::quantity);
    line.finish();
    result.lines.push_back(std::move(one));
  }
  auto payment = from.object("payment");
  result.payment.method = payment.text("method", limits::payment_method);
  result.payment.token = payment.text("token", limits::payment_token);
  payment.finish();
  auto delivery = from.object("delivery");
  result.delivery.name = delivery.text("name", limits::person_name);
  result.delivery.address = delivery.text("address", limits::address);
  delivery.finish();
  result.note = from.optional_text("note", limits::note).value_or("");
  from.finish();
  if (body.is_null())
    errors.push_back({"", "must be an object"});
  return result;
}

} // namespace waybill::http
