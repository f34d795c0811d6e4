#include "gateway/events/event_filter.hpp"

#include "gateway/http/json_body.hpp"

#include <algorithm>

namespace waybill::http {

namespace {

constexpr std::size_t max_types = 16;

bool is_type(std::string_view text) {
  if (text.ends_with('*'))
    text.remove_suffix(1);
  return text.size() <= max_filter_word && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_';
         });
}

} // namespace

std::string check_filter(const event_filter& filter) {
  if (filter.types.size() > max_types)
    return "at most 16 types";
  for (const auto& type : filter.types)
    if (type.empty() || !is_type(type))
      return "a type is a word like order.placed, order.* or *";
  for (const auto* word : {&filter.stream, &filter.order, &filter.customer})
    if (!check_text(*word, {0, max_filter_word}).empty())
      return "an id is at most 128 characters long";
  return {};
}

std::vector<std::string> read_types(object_reader& from, std::string_view name, length allowed) {
  event_filter filter;
  filter.types = to_words(from.array(name, allowed));
  if (auto wrong = check_filter(filter); !wrong.empty())
    from.complain(name, std::move(wrong));
  return filter.types;
}

void narrow(event_filter& filter, const caller& viewer) {
  if (!viewer.is_operator())
    filter.customer = viewer.customer.value;
  // Couriers also see the events of their deliveries.
  filter.courier = viewer.is_operator() ? std::string{} : viewer.as_courier().value;
}

event_filter read_event_filter(query_reader& from, const caller& viewer) {
  event_filter filter;
  filter.types = from.all("type");
  filter.stream = from.text("stream", max_filter_word);
  filter.order = from.text("order", max_filter_word);
  filter.customer = from.text("customer", max_filter_word);
  if (auto wrong = check_filter(filter); !wrong.empty())
    from.complain("type", std::move(wrong));
  narrow(filter, viewer);
  return filter;
}

} // namespace waybill::http
