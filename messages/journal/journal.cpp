#include "messages/journal/journal.hpp"

#include "domain/order/order.hpp"
#include "messages/order/order_streams.hpp"

#include <algorithm>
#include <charconv>

namespace waybill {

namespace {

constexpr std::size_t half_length = 13;

void append_hex(std::string& out, std::uint64_t number) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (int shift = (static_cast<int>(half_length) - 1) * 4; shift >= 0; shift -= 4)
    out += digits[(number >> shift) & 15U];
}

bool parse_hex(std::string_view text, std::uint64_t& number) {
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return std::all_of(text.begin(), text.end(), is_digit)
         && std::from_chars(text.data(), text.data() + text.size(), number, 16).ec == std::errc{};
}

bool matches_type(std::string_view pattern, std::string_view type) noexcept {
  return pattern.ends_with('*') ? type.starts_with(pattern.substr(0, pattern.size() - 1)) : type == pattern;
}

/// An order, its payments and its delivery share the suffix of their ids, but for the number of a further payment.
bool is_stream_of_order(std::string_view stream, std::string_view order) noexcept {
  constexpr auto prefix = order_id::prefix().size();
  if (!order.starts_with(order_id::prefix()) || stream.size() <= prefix)
    return stream == order;
  const auto kind = stream.substr(0, prefix);
  const auto suffix = stream.substr(prefix);
  if (kind == payment_id::prefix() && order::without_number(suffix) == order.substr(prefix))
    return true;
  return suffix == order.substr(prefix)
         && (kind == order_id::prefix() || kind == payment_id::prefix() || kind == delivery_id::prefix());
}

bool is_of_courier(const std::string& courier, const stored_event& event) {
  return event.stream == courier
         || (event.type.starts_with("delivery.") && event.data.find(mark_of_courier(courier)) != std::string::npos);
}

bool is_of_whom(const event_filter& filter, const stored_event& event) {
  if (filter.customer.empty() && filter.courier.empty())
    return true;
  return (!filter.customer.empty() && filter.customer == event.customer)
         || (!filter.courier.empty() && is_of_courier(filter.courier, event));
}

} // namespace

std::string to_string(log_position position) {
  std::string result;
  result.reserve(2 * half_length);
  append_hex(result, position.transaction);
  append_hex(result, position.sequence);
  return result;
}

std::optional<log_position> parse_log_position(std::string_view text) {
  log_position result;
  if (text.size() != 2 * half_length || !parse_hex(text.substr(0, half_length), result.transaction)
      || !parse_hex(text.substr(half_length), result.sequence))
    return std::nullopt;
  return result;
}

std::string event_id(const stored_event& event) {
  return "evt_" + event.stream + "." + std::to_string(event.version);
}

std::vector<std::string> streams_of_order(const std::string& order) {
  if (!order.starts_with(order_id::prefix()))
    return {order};
  const order_id id{order};
  return {order, sibling_id<payment_id>(id).value, sibling_id<delivery_id>(id).value};
}

std::string further_payments_of(const std::string& order) {
  if (!order.starts_with(order_id::prefix()))
    return {};
  auto first = order::payment_of(order_id{order}, 1).value;
  first.pop_back(); // its number
  return first;
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
  if (!is_of_whom(filter, event))
    return false;
  return filter.types.empty() || std::any_of(filter.types.begin(), filter.types.end(), [&](const std::string& pattern) {
           return matches_type(pattern, event.type);
         });
}

} // namespace waybill
