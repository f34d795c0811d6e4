#include "persistence/rows/event_meta.hpp"

#include "domain/json/codec.hpp"

#include <boost/json.hpp>

namespace waybill {

namespace {

void add(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty())
    return;
  out += out.size() > 1 ? ",\"" : "\"";
  out += name;
  out += "\":";
  append_json_string(out, value);
}

std::string text_of(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains({name.data(), name.size()});
  return value == nullptr ? std::string{} : std::string{value->as_string()};
}

} // namespace

std::string to_json(const provenance& origin, std::string_view node) {
  constexpr std::size_t usual_size = 256;
  std::string out;
  out.reserve(usual_size);
  out += '{';
  add(out, "correlation", origin.correlation_id);
  add(out, "causation", origin.causation_id);
  add(out, "trace", origin.traceparent);
  add(out, "by_kind", origin.by_kind);
  add(out, "by", origin.by_id);
  add(out, "node", node);
  out += '}';
  return out;
}

event_meta parse_event_meta(std::string_view text) {
  const auto parsed = boost::json::parse({text.data(), text.size()});
  const auto& object = parsed.as_object();
  return {{text_of(object, "correlation"), text_of(object, "causation"), text_of(object, "trace"),
           text_of(object, "by_kind"), text_of(object, "by")},
          text_of(object, "node")};
}

} // namespace waybill
