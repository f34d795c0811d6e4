#pragma once

#include "domain/order/order.hpp"

#include <algorithm>
#include <string_view>
#include <variant>
#include <vector>

/// Which events of an order concern the stored lists of orders.
namespace waybill {

template <class... Events>
struct event_set {
  static bool any_of(const std::vector<order::event>& events) {
    return std::any_of(events.begin(), events.end(),
                       [](const order::event& event) { return (std::holds_alternative<Events>(event) || ...); });
  }

  static constexpr bool contains(std::string_view type) noexcept { return ((Events::type == type) || ...); }
};

/// They change the status by which orders are listed (domain/order_view/listing.hpp).
using listed_changes =
  event_set<order::placed, order::rejected, order::fulfillment_started, order::completed, order::cancel_requested,
            order::cancel_refused, order::cancelled, order::needs_attention, order::retried>;

/// What people do to an order besides: it is rare, and lists need not put it together from the events.
using changes_by_people = event_set<order::refund_requested, order::refunded, order::refund_declined, order::held,
                                    order::released, order::payment_provided, order::changed, order::revision_requested,
                                    order::revised, order::revision_refused, order::revision_closed>;

} // namespace waybill
