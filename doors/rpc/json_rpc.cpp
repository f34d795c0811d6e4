#include "doors/rpc/json_rpc.hpp"

#include "domain/json/json_parse.hpp"

#include <algorithm>
#include <array>

namespace waybill::rpc {

namespace json = boost::json;

namespace {

constexpr std::size_t longest_id = 200;

json_request refuse(fault because) {
  json_request request;
  request.calls.push_back({std::move(because), json::value(nullptr)});
  return request;
}

bool is_id(const json::value& id) {
  return id.is_null() || id.is_number() || (id.is_string() && id.get_string().size() <= longest_id);
}

std::variant<call, fault> read_call(const json::object& from) {
  constexpr std::array<std::string_view, 4> known{"jsonrpc", "method", "params", "id"};
  for (const auto& [name, value] : from)
    if (std::ranges::find(known, std::string_view{name}) == known.end())
      return invalid_request("a call has jsonrpc, method, params and id, and nothing else");
  const auto* version = from.if_contains("jsonrpc");
  if (version == nullptr || *version != "2.0")
    return invalid_request("jsonrpc must be \"2.0\"");
  const auto* method = from.if_contains("method");
  if (method == nullptr || !method->is_string())
    return invalid_request("method must be a string");
  call read{std::string{method->get_string()}, json::array{}};
  if (const auto* parameters = from.if_contains("params")) {
    if (parameters->is_array())
      read.parameters = parameters->get_array();
    else if (parameters->is_object())
      read.parameters = parameters->get_object();
    else
      return invalid_request("params must be an array or an object");
  }
  return read;
}

/// What is no call gets an answer, whether or not it looks like a notification: its id cannot be told (section 5).
json_call read_item(const json::value& from) {
  if (!from.is_object())
    return {invalid_request("a call must be an object"), json::value(nullptr)};
  const auto& members = from.get_object();
  json_call item{read_call(members), std::nullopt};
  const auto* id = members.if_contains("id");
  if (id != nullptr && !is_id(*id))
    return {invalid_request("id must be a string, a number or null"), json::value(nullptr)};
  if (id != nullptr)
    item.id = *id;
  else if (std::holds_alternative<fault>(item.read))
    item.id = json::value(nullptr);
  return item;
}

} // namespace

json_request read_json_request(std::string_view text) {
  const auto parsed = parse_json(text);
  if (!parsed)
    return refuse({fault_code::parse_error, "parse_error", parsed.error().detail});
  json_request request;
  if (!parsed->is_array()) {
    request.calls.push_back(read_item(*parsed));
    return request;
  }
  const auto& items = parsed->get_array();
  if (items.empty() || items.size() > most_calls)
    return refuse(invalid_request("a batch holds 1 to " + std::to_string(most_calls) + " calls"));
  request.is_batch = true;
  for (const auto& item : items)
    request.calls.push_back(read_item(item));
  return request;
}

json::object to_json_response(const json::value& id, const outcome& result) {
  json::object response{{"jsonrpc", "2.0"}};
  if (const auto* failed = std::get_if<fault>(&result))
    response["error"] = json::object{{"code", static_cast<int>(failed->code)},
                                     {"message", failed->word + ": " + failed->detail},
                                     {"data", json::object{{"code", failed->word}}}};
  else
    response["result"] = std::get<json::value>(result);
  response["id"] = id;
  return response;
}

} // namespace waybill::rpc
