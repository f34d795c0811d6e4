#pragma once

#include "gateway/json_out.hpp"
#include "messages/journal.hpp"
#include "messages/orders.hpp"
#include "messages/products.hpp"

#include <string>

/// The JSON that clients see of each thing.
namespace waybill::http {

/// Without the payment token.
void write_order(json_out& out, const order::state& what);
void write_product(json_out& out, const product_view& what);
void write_event(json_out& out, const stored_event& what);
void write_notification(json_out& out, const stored_notification& what);

template <class T>
std::string text_of(void (*write)(json_out&, const T&), const T& what) {
  json_out out;
  write(out, what);
  return out.take();
}

} // namespace waybill::http
