#pragma once

#include "domain/order_view/history.hpp"
#include "gateway/context/context.hpp"

#include <cstdint>
#include <vector>

/// The events of an order, read without the order.
namespace waybill::http::routes::orders {

/// So many versions of an order can be looked back on: an order that is changed again and again makes no question cost
/// more.
inline constexpr std::uint64_t most_versions = 5'000;

/// Those up to `version`, at most most_versions, as far as they are kept; none of an order that does not exist.
task<std::vector<stored_event>> events_up_to(context& ctx, const request& req, const order_id& id,
                                             std::uint64_t version);

/// From the first event on: none was removed.
bool is_complete(const std::vector<stored_event>& events);

/// What follows from `events`, which must be complete. Throws a problem when one cannot be read.
order::history history_of(const std::vector<stored_event>& events);

} // namespace waybill::http::routes::orders
