#include "messages/order/order_record.hpp"

#include "domain/json/codec.hpp"
#include "messages/journal/event_json.hpp"

#include <algorithm>

namespace waybill {

namespace {

void write_webhook_message(json_writer& out, const webhook_delivery_row& row) {
  out.begin_object()
    .member("endpoint_id", row.endpoint)
    .member("message_id", row.message)
    .member("event_id", "evt_" + row.stream + "." + std::to_string(row.version))
    .key("delivery")
    .raw(encode(row.delivery))
    .end_object();
}

} // namespace

diagnosis::record record_of(const std::vector<stored_event>& events) {
  diagnosis::record record;
  record.reserve(events.size());
  for (const auto& event : events) {
    const auto& origin = event.origin;
    auto by = origin.by_id.empty() ? origin.by_kind : origin.by_kind + '/' + origin.by_id;
    record.push_back(
      {event.stream, event.version, event.type, event.schema, event.at, std::move(by), event.node, event.data});
  }
  return record;
}

bool is_complete_record(const diagnosis::record& events, const std::string& order) {
  const auto first = std::ranges::find(events, order, &diagnosis::recorded_event::stream);
  return first != events.end() && first->version == 1;
}

result<std::string> to_json(const order_export& all) {
  const auto operations = diagnosis::operations_of(record_of(all.events));
  if (operations.has_error())
    return operations.error();
  json_writer out;
  out.begin_object()
    .member("format", "waybill.order")
    .member("format_version", diagnosis::export_version)
    .member("program", WAYBILL_VERSION)
    .member("order_id", all.order)
    .member("exported_at", to_rfc3339(all.at));
  out.key("events").begin_array();
  for (const auto& event : all.events) {
    std::string text;
    append_event_json(text, event);
    out.raw(text);
  }
  out.end_array().key("states").begin_array();
  for (const auto& state : all.states)
    out.begin_object()
      .member("stream", state.stream)
      .member("version", state.version)
      .key("state")
      .raw(state.state)
      .end_object();
  out.end_array().key("provider_operations").raw(encode(*operations));
  out.key("webhook_messages").begin_array();
  for (const auto& row : all.webhook_messages)
    write_webhook_message(out, row);
  out.end_array().end_object();
  return out.take();
}

} // namespace waybill
