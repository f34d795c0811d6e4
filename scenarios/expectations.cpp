#include "scenarios/expectations.hpp"

#include "domain/json/readable_amounts.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <stdexcept>

namespace json = boost::json;

namespace waybill::scenarios {

namespace {

checked holds(const std::string& text) {
  return {text, true};
}

checked fails(const std::string& text, const std::string& expected, const std::string& actual) {
  return {text + " (expected " + expected + ", found " + actual + ")", false};
}

const std::vector<seen_event>& events_of(const facts& seen, const std::string& order, stream_kind of) {
  static const std::vector<seen_event> none;
  const auto streams = seen.events.find(order);
  if (streams == seen.events.end())
    return none;
  const auto events = streams->second.find(of);
  return events == streams->second.end() ? none : events->second;
}

std::string list_types(const std::vector<seen_event>& events) {
  std::string out;
  for (const auto& event : events)
    out += (out.empty() ? "" : ", ") + event.type;
  return out.empty() ? "no events" : out;
}

/// A member as a person reads it: minor units get the currency that stands beside them.
std::string member_text(const json::value& value, const json::value* currency) {
  if (currency == nullptr)
    return json::serialize(value);
  const auto amount = with_readable_amounts(json::object{{"amount", value}, {"currency", *currency}});
  return amount.is_string() ? std::string{amount.get_string()} : json::serialize(value);
}

/// The currency of the amount that `pointer` leads to; null if it leads elsewhere.
const json::value* currency_beside(const json::value& order, std::string_view pointer) {
  constexpr std::string_view of_money = "/amount";
  if (!pointer.ends_with(of_money))
    return nullptr;
  pointer.remove_suffix(of_money.size());
  boost::system::error_code code;
  return order.find_pointer(std::string{pointer} + "/currency", code);
}

checked check(const std::string& text, const expect_field& want, const facts& seen) {
  const auto order = seen.orders.find(want.order);
  const auto* currency = order == seen.orders.end() ? nullptr : currency_beside(order->second, want.pointer);
  std::string expected;
  for (const auto& allowed : want.allowed)
    expected += (expected.empty() ? "" : " or ") + member_text(allowed, currency);
  if (order == seen.orders.end())
    return fails(text, want.pointer + " " + expected, "no order");
  boost::system::error_code code;
  const auto* value = order->second.find_pointer(want.pointer, code);
  if (value == nullptr)
    return fails(text, want.pointer + " " + expected, "no such member");
  if (std::find(want.allowed.begin(), want.allowed.end(), *value) != want.allowed.end())
    return holds(text);
  return fails(text, want.pointer + " " + expected, member_text(*value, currency));
}

checked check(const std::string& text, const expect_sequence& want, const facts& seen) {
  const auto& events = events_of(seen, want.order, want.of);
  auto next = want.types.begin();
  for (const auto& event : events)
    if (next != want.types.end() && event.type == *next)
      ++next;
  if (next == want.types.end())
    return holds(text);
  std::string expected;
  for (const auto& type : want.types)
    expected += (expected.empty() ? "" : ", ") + type;
  return fails(text, expected + "; " + *next + " is missing there", list_types(events));
}

checked check(const std::string& text, const expect_count& want, const facts& seen) {
  const auto& events = events_of(seen, want.order, want.of);
  const auto count = std::count_if(events.begin(), events.end(), [&](const auto& x) { return x.type == want.type; });
  if (count >= want.at_least && (!want.at_most || count <= *want.at_most))
    return holds(text);
  return fails(text, (want.at_most ? "" : "at least ") + std::to_string(want.at_least) + " " + want.type,
               std::to_string(count));
}

std::string stock_text(std::int64_t on_hand, std::int64_t reserved, std::int64_t available) {
  return "on_hand " + std::to_string(on_hand) + ", reserved " + std::to_string(reserved) + ", available "
         + std::to_string(available);
}

checked check(const std::string& text, const expect_stock& want, const facts& seen) {
  const auto expected = stock_text(want.on_hand, want.reserved, want.available);
  const auto product = seen.products.find(want.product);
  if (product == seen.products.end() || !product->second.is_object())
    return fails(text, expected, "no product");
  std::array<std::int64_t, 3> numbers{};
  std::size_t index = 0;
  for (const auto* key : {"on_hand", "reserved", "available"}) {
    const auto* value = product->second.get_object().if_contains(key);
    if (value == nullptr || !value->is_int64())
      return fails(text, expected, std::string{"no "} + key);
    numbers.at(index++) = value->get_int64();
  }
  const auto actual = stock_text(numbers[0], numbers[1], numbers[2]);
  return actual == expected ? holds(text) : fails(text, expected, actual);
}

checked check(const std::string& text, const expect_answers& want, const facts& seen) {
  const auto answers = seen.answers.find(want.order);
  if (answers == seen.answers.end())
    return fails(text, std::to_string(want.distinct_orders) + " orders", "no answers");
  std::set<std::string> orders;
  std::int64_t replayed = 0;
  for (const auto& answer : answers->second) {
    if (!answer.order_id.empty())
      orders.insert(answer.order_id);
    replayed += answer.replayed ? 1 : 0;
  }
  if (std::ssize(orders) != want.distinct_orders)
    return fails(text, std::to_string(want.distinct_orders) + " orders", std::to_string(orders.size()));
  if (replayed < want.replayed_at_least)
    return fails(text, "at least " + std::to_string(want.replayed_at_least) + " replayed answers",
                 std::to_string(replayed));
  return holds(text);
}

const std::vector<json::value>& crowd_of(const facts& seen, const std::string& name) {
  static const std::vector<json::value> none;
  const auto crowd = seen.crowds.find(name);
  return crowd == seen.crowds.end() ? none : crowd->second;
}

std::string status_of(const json::value& order) {
  boost::system::error_code code;
  const auto* status = order.find_pointer("/status", code);
  return status != nullptr && status->is_string() ? std::string{status->get_string()} : "no status";
}

checked check(const std::string& text, const expect_crowd& want, const facts& seen) {
  const auto& orders = crowd_of(seen, want.crowd);
  std::map<std::string, std::int64_t> statuses;
  for (const auto& order : orders)
    ++statuses[status_of(order)];
  if (statuses[want.status] == want.number)
    return holds(text);
  std::string actual;
  for (const auto& [status, number] : statuses)
    actual += (actual.empty() ? "" : ", ") + std::to_string(number) + " " + status;
  return fails(text, std::to_string(want.number) + " " + want.status, actual);
}

bool has_all(const json::value& order, const expect_each::members& members) {
  return std::all_of(members.begin(), members.end(), [&](const auto& member) {
    boost::system::error_code code;
    const auto* value = order.find_pointer(member.first, code);
    return value != nullptr && *value == member.second;
  });
}

checked check(const std::string& text, const expect_each& want, const facts& seen) {
  const auto& orders = crowd_of(seen, want.crowd);
  const auto unexpected = std::find_if(orders.begin(), orders.end(), [&](const json::value& order) {
    return std::none_of(want.alternatives.begin(), want.alternatives.end(),
                        [&](const auto& members) { return has_all(order, members); });
  });
  if (orders.empty())
    return fails(text, "orders", "none");
  if (unexpected == orders.end())
    return holds(text);
  return fails(text, "one of the alternatives for each", json::serialize(with_readable_amounts(*unexpected)));
}

checked check(const std::string& text, const expect_sold& want, const facts& seen) {
  const auto& orders = crowd_of(seen, want.crowd);
  const auto completed = std::count_if(orders.begin(), orders.end(),
                                       [](const json::value& order) { return status_of(order) == "completed"; });
  const auto left = want.on_hand_before - completed * want.quantity;
  return check(text, expect_stock{want.product, left, 0, left}, seen);
}

checked check(const std::string& text, const expect_failed& want, const facts& seen) {
  const auto failed = seen.failed.find(want.crowd);
  if (failed == seen.failed.end())
    return fails(text, "requests", "none");
  if (failed->second == want.number)
    return holds(text);
  return fails(text, std::to_string(want.number), std::to_string(failed->second));
}

std::string describe(const json::value& value) {
  if (const auto* text = value.if_string())
    return std::string{*text};
  if (const auto* object = value.if_object(); object != nullptr && object->contains("amount"))
    return member_text(object->at("amount"), object->if_contains("currency"));
  return json::serialize(value);
}

std::string member(const json::object& event, const char* key) {
  const auto* value = event.if_contains(key);
  if (value == nullptr || !value->is_string())
    throw std::runtime_error{std::string{"an event without "} + key};
  return std::string{value->get_string()};
}

} // namespace

seen_event read_event(const json::value& event) {
  // The members of `data` that a report shows; never a token, a name or an address.
  static constexpr std::array<const char*, 15> shown{"operation", "attempt",   "courier",   "reason",   "step",
                                                     "product",   "requested", "available", "quantity", "amount",
                                                     "captured",  "refunded",  "delivery",  "total",    "voided"};
  const auto* object = event.if_object();
  if (object == nullptr)
    throw std::runtime_error{"an event that is not an object"};
  seen_event out{member(*object, "id"), member(*object, "type"), member(*object, "occurred_at"), {}};
  const auto* data = object->if_contains("data");
  if (data == nullptr || !data->is_object())
    return out;
  for (const auto* key : shown) {
    const auto* value = data->get_object().if_contains(key);
    if (value == nullptr || value->is_null() || value->is_array())
      continue;
    if (value->is_object() && !value->get_object().contains("amount"))
      continue;
    const auto text = describe(*value);
    if (!text.empty())
      out.detail += (out.detail.empty() ? "" : ", ") + std::string{key} + " " + text;
  }
  return out;
}

checked evaluate(const expectation& expected, const facts& seen) {
  return std::visit([&](const auto& want) { return check(expected.text, want, seen); }, expected.check);
}

} // namespace waybill::scenarios
