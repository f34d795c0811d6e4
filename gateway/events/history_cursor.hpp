#pragma once

#include "messages/journal/event_log.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace waybill::http {

/// How far an order's events were read: up to a position of the log and, of each stream that already showed events
/// behind it, up to a version (see read_log::unsettled).
struct history_cursor {
  log_position position;
  std::vector<seen_stream> seen;
};

/// A position, and `~<stream>.<version>` for each stream.
std::string to_string(const history_cursor& cursor);

/// Nothing when `text` is no cursor of the events of `order`. A position alone is one.
std::optional<history_cursor> parse_history_cursor(std::string_view text, std::string_view order);

} // namespace waybill::http
