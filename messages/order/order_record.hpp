#pragma once

#include "domain/diagnosis/operations.hpp"
#include "domain/diagnosis/recorded_event.hpp"
#include "domain/diagnosis/replay.hpp"
#include "messages/journal/event_log.hpp"
#include "messages/journal/follower/webhook_rows.hpp"

#include <string>
#include <vector>

/// The record of an order between the log and those who look for a cause.
namespace waybill {

/// Of so many events of an order, its payments and its delivery a record is made at most.
inline constexpr std::size_t most_recorded = 5'000;

diagnosis::record record_of(const std::vector<stored_event>& events);

/// From the first event of the order on: none was removed.
bool is_complete_record(const diagnosis::record& events, const std::string& order);

/// All that is known of one order, in one file, without what no client may see.
struct order_export {
  std::string order;
  timestamp at;
  std::vector<stored_event> events;
  std::vector<diagnosis::exported_state> states;
  /// The messages to webhook endpoints about these events.
  std::vector<webhook_delivery_row> webhook_messages;
};

/// JSON, as diagnosis::read_export reads it. Fails with ec::unreadable.
result<std::string> to_json(const order_export& all);

} // namespace waybill
