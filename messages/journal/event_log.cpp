#include "messages/journal/event_log.hpp"

#include "domain/order/order_streams.hpp"

#include <algorithm>
#include <string_view>

namespace waybill {

namespace {

bool matches_type(std::string_view pattern, std::string_view type) noexcept {
  return pattern.ends_with('*') ? type.starts_with(pattern.substr(0, pattern.size() - 1)) : type == pattern;
}

bool is_of_courier(const std::string& courier, const stored_event& event) {
  return event.stream == courier
         || (event.type.starts_with("delivery.") && event.data.find(mark_of_courier(courier)) != std::string::npos);
}

bool is_about_subscriber(const event_filter& filter, const stored_event& event) {
  if (filter.customer.empty() && filter.courier.empty())
    return true;
  return (!filter.customer.empty() && filter.customer == event.customer)
         || (!filter.courier.empty() && is_of_courier(filter.courier, event));
}

} // namespace

std::string event_id(const stored_event& event) {
  return "evt_" + event.stream + "." + std::to_string(event.version);
}

std::string mark_of_courier(const std::string& courier) {
  // No text within the data can hold this: there the quotes are escaped.
  return R"("courier":")" + courier + '"';
}

bool matches(const event_filter& filter, const stored_event& event) {
  if (!filter.stream.empty() && filter.stream != event.stream)
    return false;
  if (!filter.order.empty() && !is_stream_of_order(event.stream, filter.order))
    return false;
  if (!is_about_subscriber(filter, event))
    return false;
  return filter.types.empty() || std::any_of(filter.types.begin(), filter.types.end(), [&](const std::string& pattern) {
           return matches_type(pattern, event.type);
         });
}

} // namespace waybill
