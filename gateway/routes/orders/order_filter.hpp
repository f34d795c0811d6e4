#pragma once

#include "gateway/context/context.hpp"
#include "gateway/http/reading.hpp"
#include "messages/journal/order_rows.hpp"

#include <string>

/// Which orders are wanted, as `GET /v1/orders` and bulk actions ask for them.
namespace waybill::http::routes::orders {

struct order_filter {
  list_orders query;
  bool retrying = false;
  /// As it came; resolve_text says what it is.
  std::string text;
};

/// Reads the parameters that select orders. What only operators may ask for is refused with 403.
order_filter read_filter(query_reader& from, const request& req);

/// A page of the orders that `filter` selects.
task<state_page> page_of_orders(context& ctx, const request& req, order_filter filter);

} // namespace waybill::http::routes::orders
