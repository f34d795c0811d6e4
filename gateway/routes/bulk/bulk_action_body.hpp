#pragma once

#include "gateway/context/context.hpp"
#include "gateway/http/json_body.hpp"
#include "gateway/routes/orders/order_filter.hpp"
#include "messages/bulk_actions.hpp"

#include <optional>
#include <vector>

namespace waybill::http::routes::bulk_actions {

/// A bulk action as its body has it: the orders, or the filter that selects them.
struct bulk_action_body {
  start_bulk_action command;
  std::optional<orders::order_filter> filter;
};

/// Adds everything that is wrong to `errors`.
bulk_action_body read_bulk_action(const request& req, const boost::json::value& body, std::vector<field_error>& errors);

/// The first max_orders orders that the filter selects, the oldest first, into `to`; `more` if there may be others.
task<void> select_orders(context& ctx, const request& req, orders::order_filter filter, start_bulk_action& to);

} // namespace waybill::http::routes::bulk_actions
