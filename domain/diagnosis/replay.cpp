#include "domain/diagnosis/replay.hpp"

#include "domain/delivery.hpp"
#include "domain/diagnosis/difference.hpp"
#include "domain/json/codec.hpp"
#include "domain/json/readable_amounts.hpp"
#include "domain/order/order.hpp"
#include "domain/payment.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <optional>

namespace waybill::diagnosis {

namespace {

namespace json = boost::json;

// -- reading ----------------------------------------------------------------------------------------------------------

const json::value* member(const json::object& of, std::string_view name) {
  return of.if_contains(json::string_view{name.data(), name.size()});
}

std::string text_member(const json::object& of, std::string_view name) {
  const auto* value = member(of, name);
  const auto* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string{} : std::string{*text};
}

std::uint64_t number_member(const json::object& of, std::string_view name) {
  const auto* value = member(of, name);
  if (value == nullptr || !value->is_number())
    return 0;
  boost::system::error_code wrong;
  const auto number = value->to_number<std::uint64_t>(wrong);
  return wrong ? 0 : number;
}

const json::array* array_member(const json::object& of, std::string_view name) {
  const auto* value = member(of, name);
  return value == nullptr ? nullptr : value->if_array();
}

std::optional<recorded_event> read_event(const json::value& value) {
  const auto* from = value.if_object();
  if (from == nullptr)
    return std::nullopt;
  recorded_event event{text_member(*from, "stream"),
                       number_member(*from, "version"),
                       text_member(*from, "type"),
                       static_cast<std::uint16_t>(number_member(*from, "schema")),
                       {},
                       {},
                       text_member(*from, "node"),
                       {}};
  const auto at = parse_rfc3339(text_member(*from, "occurred_at"));
  const auto* data = member(*from, "data");
  if (event.stream.empty() || event.version == 0 || event.type.empty() || !at || data == nullptr)
    return std::nullopt;
  event.at = *at;
  event.data = json::serialize(*data);
  return event;
}

std::optional<exported_state> read_state(const json::value& value) {
  const auto* from = value.if_object();
  const auto* state = from == nullptr ? nullptr : member(*from, "state");
  if (state == nullptr)
    return std::nullopt;
  return exported_state{text_member(*from, "stream"), number_member(*from, "version"), json::serialize(*state)};
}

failure wrong(std::string detail) {
  return codec::unreadable(std::move(detail));
}

// -- replaying --------------------------------------------------------------------------------------------------------

/// For people.
std::string with_decimals(const std::string& state) {
  const auto parsed = codec::document::parse(state);
  return parsed.has_error() ? state : json::serialize(with_readable_amounts(parsed->root()));
}

template <class State, class Event>
void replay_stream(const exported_order& order, const exported_state& expected, amounts shown,
                   std::vector<deviation>& to) {
  State state{};
  for (const auto& item : order.events) {
    if (item.stream != expected.stream || item.version > expected.version)
      continue;
    const auto event = decode_event<Event>(item.type, item.schema, item.data);
    if (event.has_error()) {
      to.push_back({item.stream, {}, item.type + " " + std::to_string(item.version), event.error().detail});
      return;
    }
    apply(state, *event, item.at);
  }
  const auto replayed = encode<json_members::visible>(state);
  const bool for_people = shown == amounts::readable;
  const auto changes = for_people ? differences_between(with_decimals(expected.state), with_decimals(replayed))
                                  : differences_between(expected.state, replayed);
  if (changes.has_error()) {
    to.push_back({expected.stream, {}, "the exported state", changes.error().detail});
    return;
  }
  for (const auto& change : *changes)
    to.push_back({expected.stream, change.pointer, change.before, change.after});
}

} // namespace

result<exported_order> read_export(std::string_view text) {
  const auto parsed = codec::document::parse(text);
  if (parsed.has_error())
    return parsed.error();
  const auto* whole = parsed->root().if_object();
  if (whole == nullptr || text_member(*whole, "format") != "waybill.order")
    return wrong("this is no order that Waybill exported");
  if (number_member(*whole, "format_version") > export_version)
    return wrong("a newer program exported this order");
  exported_order order{text_member(*whole, "order_id"), text_member(*whole, "program"), {}, {}};
  const auto* events = array_member(*whole, "events");
  const auto* states = array_member(*whole, "states");
  if (events == nullptr || states == nullptr || order.id.empty())
    return wrong("order_id, events or states are missing");
  for (const auto& value : *events) {
    auto event = read_event(value);
    if (!event)
      return wrong("event " + std::to_string(order.events.size() + 1) + " is not whole");
    order.events.push_back(std::move(*event));
  }
  for (const auto& value : *states) {
    auto state = read_state(value);
    if (!state)
      return wrong("state " + std::to_string(order.states.size() + 1) + " is not whole");
    order.states.push_back(std::move(*state));
  }
  return order;
}

std::vector<deviation> replay(const exported_order& order, amounts shown) {
  std::vector<deviation> all;
  for (const auto& state : order.states) {
    if (state.stream.starts_with(order_id::prefix()))
      replay_stream<order::state, order::event>(order, state, shown, all);
    else if (state.stream.starts_with(payment_id::prefix()))
      replay_stream<payment::state, payment::event>(order, state, shown, all);
    else if (state.stream.starts_with(delivery_id::prefix()))
      replay_stream<delivery::state, delivery::event>(order, state, shown, all);
    else
      all.push_back({state.stream, {}, "a state", "this program knows no such stream"});
  }
  return all;
}

} // namespace waybill::diagnosis
