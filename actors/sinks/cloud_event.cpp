#include "actors/sinks/cloud_event.hpp"

#include "domain/json/codec.hpp"
#include "messages/journal/event_json.hpp"

#include <string>

namespace waybill {

brokers::message to_cloud_event(const stored_event& event) {
  // Of an order, its payments and its delivery, in the order of the log.
  const auto& key = event.order.empty() ? event.stream : event.order;
  const auto id = event_id(event);
  std::string body = R"({"specversion":"1.0","id":)";
  append_json(body, id);
  body += R"(,"source":"/v1/events","type":)";
  append_json(body, event.type);
  body += R"(,"subject":)";
  append_json(body, event.stream);
  body += R"(,"time":)";
  append_json(body, event.at);
  body += R"(,"partitionkey":)";
  append_json(body, key);
  if (!event.origin.traceparent.empty()) {
    body += R"(,"traceparent":)";
    append_json(body, event.origin.traceparent);
  }
  body += R"(,"datacontenttype":"application/json","data":)";
  append_event_json(body, event);
  body += '}';
  return {id, event.type, key, event.at, std::move(body)};
}

} // namespace waybill
