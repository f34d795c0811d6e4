#pragma once

#include "domain/diagnosis/replay.hpp"
#include "gateway/context/context.hpp"
#include "messages/journal/follower/webhook_rows.hpp"
#include "messages/order/order_record.hpp"

#include <vector>

/// The record of an order, read without the order.
namespace waybill::http::routes::orders {

struct whole_record {
  std::vector<stored_event> events;
  /// There were more than most_recorded.
  bool is_cut = false;
};

/// Its own events, those of its payments and of its delivery, in the order of the log. Throws a problem: 404 for an
/// order that does not exist or the caller may not see, 410 when its first events were removed.
task<whole_record> read_record(context& ctx, const request& req, const order_id& id);

/// What the order, its payments and its delivery are by what is stored, as clients may see it.
task<std::vector<diagnosis::exported_state>> read_states(context& ctx, const request& req,
                                                         const std::vector<stored_event>& events);

/// The messages about these events to the endpoints that there are: of each endpoint in the order of the log.
task<std::vector<webhook_delivery_row>> read_messages(context& ctx, const request& req,
                                                      const std::vector<stored_event>& events);

} // namespace waybill::http::routes::orders
