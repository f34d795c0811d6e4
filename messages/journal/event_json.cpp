#include "messages/journal/event_json.hpp"

#include "domain/json/codec.hpp"
#include "domain/public_data.hpp"

#include <string_view>

namespace waybill {

namespace {

void member(std::string& out, std::string_view name, const auto& value) {
  out.append(",\"").append(name).append("\":");
  append_json(out, value);
}

} // namespace

void append_event_json(std::string& out, const stored_event& event) {
  out += "{\"id\":";
  append_json(out, event_id(event));
  member(out, "position", to_string(event.position));
  member(out, "stream", event.stream);
  member(out, "version", event.version);
  member(out, "type", event.type);
  member(out, "schema", event.schema);
  member(out, "occurred_at", event.at);
  member(out, "correlation_id", event.origin.correlation_id);
  member(out, "causation_id", event.origin.causation_id);
  out += ",\"by\":{\"kind\":";
  append_json(out, event.origin.by_kind);
  member(out, "id", event.origin.by_id);
  out += '}';
  member(out, "node", event.node);
  out += ",\"data\":";
  out += public_event_data(event.type, event.data);
  out += '}';
}

} // namespace waybill
