#include "gateway/http/reading.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/webhooks/webhook_views.hpp"
#include "gateway/streams/event_query.hpp"

#include "domain/base/codec.hpp"

#include <utility>

// The delivery log of a webhook endpoint, and sending again.

namespace waybill::http {

namespace {

constexpr std::size_t place_of_endpoint = 2;
constexpr std::size_t place_of_message = 4;

std::optional<webhook::delivery_status> read_status(query_reader& from) {
  using enum webhook::delivery_status;
  const auto* word = from.find("status");
  if (!word)
    return std::nullopt;
  for (const auto one : {pending, delivered, failed})
    if (name_of(one) == *word)
      return one;
  from.complain("status", "must be pending, delivered or failed");
  return std::nullopt;
}

log_position read_position(object_reader& from, std::string_view name, const std::string& text) {
  const auto position = parse_log_position(text);
  if (!position)
    from.complain(name, "is not a position in the log");
  return position.value_or(log_position{});
}

replay_webhook read_replay(const request& req) {
  constexpr length position{1, 64};
  constexpr length some_types{1, 16};
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  replay_webhook wanted;
  if (const auto text = from.optional_text("after", position))
    wanted.after = read_position(from, "after", *text);
  if (const auto text = from.optional_text("before", position))
    wanted.before = read_position(from, "before", *text);
  if (from.optional("types")) {
    event_filter filter;
    for (const auto& word : from.array("types", some_types))
      filter.types.emplace_back(word.is_string() ? std::string{word.get_string()} : std::string{});
    if (auto wrong = check_filter(filter); !wrong.empty())
      from.complain("types", std::move(wrong));
    wanted.types = std::move(filter.types);
  }
  from.finish();
  if (body.is_null())
    errors.push_back({"", "must be an object"});
  if (!errors.empty())
    throw invalid_fields(422, std::move(errors));
  wanted.id = path_id<webhook_id>(req);
  wanted.origin = req.origin();
  return wanted;
}

} // namespace

task<response> list_endpoint_deliveries(worker& w, const request& req) {
  const get_webhook endpoint{path_id<webhook_id>(req)};
  query_reader from{req};
  list_webhook_deliveries wanted;
  wanted.endpoint = endpoint.id.value;
  wanted.status = read_status(from);
  if (const auto* cursor = from.find("cursor")) {
    wanted.cursor = parse_log_position(*cursor);
    if (!wanted.cursor)
      from.complain("cursor", "is not a cursor of this list");
  }
  wanted.limit = from.limit();
  from.finish();
  co_await w.query<webhook_view>(req, w.services().webhooks, endpoint);
  const auto page = co_await w.query<webhook_delivery_page>(req, w.services().reader, wanted);
  json_writer items;
  items.begin_array();
  for (const auto& one : page.deliveries)
    write_endpoint_delivery(items, one);
  items.end_array();
  const bool more = page.more && !page.deliveries.empty();
  co_return list_response(req, items.take(), more ? to_string(page.deliveries.back().position) : "");
}

task<response> retry_endpoint_delivery(worker& w, const request& req) {
  const auto& endpoint = req.segments[place_of_endpoint];
  const auto& message = req.segments[place_of_message];
  if (!is_id(endpoint, webhook_id::prefix()) || !is_id(message, webhook_message_id::prefix()))
    throw not_found("there is no such message");
  const retry_webhook_delivery wanted{webhook_id{endpoint}, message, req.origin()};
  const auto queued = co_await w.query<webhook_delivery_row>(req, w.services().webhooks, wanted);
  json_writer out;
  write_endpoint_delivery(out, queued);
  response result;
  result.status = 202;
  result.body = out.take();
  co_return result;
}

task<response> replay_endpoint(worker& w, const request& req) {
  auto wanted = read_replay(req);
  const auto begun = co_await w.query<webhook_view>(req, w.services().webhooks, std::move(wanted));
  json_writer out;
  write_endpoint(out, begun);
  response result;
  result.status = 202;
  result.body = out.take();
  co_return result;
}

} // namespace waybill::http
