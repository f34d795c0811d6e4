#include "messages/journal/event_json.hpp"

#include "domain/base/codec.hpp"

#include <string_view>

namespace waybill {

namespace {

void member(std::string& out, std::string_view name, const auto& value) {
  out.append(",\"").append(name).append("\":");
  append_json(out, value);
}

} // namespace

void append_event_json(std::string& out, const stored_event& what) {
  out += "{\"id\":";
  append_json(out, event_id(what));
  member(out, "position", to_string(what.position));
  member(out, "stream", what.stream);
  member(out, "version", what.version);
  member(out, "type", what.type);
  member(out, "schema", what.schema);
  member(out, "occurred_at", what.at);
  member(out, "correlation_id", what.origin.correlation_id);
  member(out, "causation_id", what.origin.causation_id);
  out += ",\"by\":{\"kind\":";
  append_json(out, what.origin.by_kind);
  member(out, "id", what.origin.by_id);
  out += '}';
  member(out, "node", what.node);
  out += ",\"data\":";
  out += public_event_data(what.type, what.data);
  out += '}';
}

} // namespace waybill
