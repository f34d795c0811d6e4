#pragma once

#include "gateway/context/context.hpp"
#include "gateway/http/problem.hpp"

#include <chrono>
#include <optional>
#include <vector>

/// What several handlers of orders need.
namespace waybill::http::routes::orders {

/// The order of the path. Throws not_found when it does not exist or the caller may not see it.
task<order::state> visible_order(context& ctx, const request& req);

/// The order when it is settled, or as it is when `wait` is over or the gateway shuts down; nothing when it could not
/// be asked.
task<std::optional<order::state>> await_settled(context& ctx, const order_id& id, const viewer& whom,
                                                std::chrono::seconds wait);

/// Fills in names and prices, and adds an error for every line that cannot be sold.
task<void> price_lines(context& ctx, std::vector<order::line>& lines, std::vector<field_error>& errors);

} // namespace waybill::http::routes::orders
