#pragma once

#include "gateway/http/reading.hpp"
#include "messages/journal/event_log.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace waybill::http {

/// Reads the parameters `type`, `stream`, `order` and `customer`, and narrows them to what the caller may see.
event_filter read_event_filter(query_reader& from, const caller& viewer);

/// The words for the two ends of the log, in place of a position.
inline constexpr std::string_view earliest = "earliest";
inline constexpr std::string_view latest = "latest";

/// The largest length of a word in a filter, in octets.
inline constexpr std::size_t max_filter_word = 128;

/// What is wrong with a filter, or an empty sentence.
std::string check_filter(const event_filter& filter);

/// The types of events in the array `name`, as in a filter. Complains there of those that can be none.
std::vector<std::string> read_types(object_reader& from, std::string_view name, length allowed = {1, 16});

/// Restricts the filter to what `viewer` may see.
void narrow(event_filter& filter, const caller& viewer);

} // namespace waybill::http
