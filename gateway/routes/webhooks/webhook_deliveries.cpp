#include "gateway/events/event_filter.hpp"
#include "gateway/events/kept_position.hpp"
#include "gateway/http/json_members.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/orders/diagnosis/order_record.hpp"
#include "gateway/routes/view_text.hpp"
#include "gateway/routes/webhooks/webhook_views.hpp"

#include "domain/json/codec.hpp"

#include <utility>

// The deliveries of a webhook endpoint: list, retry, replay.

namespace waybill::http::routes::webhooks {

namespace {

// Places in /v1/webhook-endpoints/{id}/deliveries/{message}/retry.
constexpr std::size_t place_of_endpoint = 2;
constexpr std::size_t place_of_message = 4;

std::optional<webhook::delivery_status> read_status(query_reader& from) {
  using enum webhook::delivery_status;
  const auto* word = from.find("status");
  if (!word)
    return std::nullopt;
  for (const auto status : {pending, delivered, failed})
    if (name_of(status) == *word)
      return status;
  from.complain("status", "must be pending, delivered or failed");
  return std::nullopt;
}

/// Nothing for `word`, which means that end of the log.
std::optional<log_position> read_position(object_reader& from, std::string_view name, std::string_view word) {
  constexpr length position{1, 64};
  const auto text = from.optional_text(name, position);
  if (!text || *text == word)
    return std::nullopt;
  auto place = parse_log_position(*text);
  if (!place)
    from.complain(name, "is not a position in the log");
  return place;
}

replay_webhook read_replay(const request& req) {
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  replay_webhook command;
  command.after = read_position(from, "after", earliest).value_or(log_position{});
  command.before = read_position(from, "before", latest);
  if (from.optional("types"))
    command.types = read_types(from, "types");
  from.finish();
  require_valid(body, errors);
  command.id = path_id<webhook_id>(req);
  command.origin = req.origin();
  return command;
}

} // namespace

task<response> list_deliveries(context& ctx, const request& req) {
  const get_webhook endpoint{path_id<webhook_id>(req)};
  query_reader from{req};
  list_webhook_deliveries query;
  query.endpoint = endpoint.id.value;
  query.status = read_status(from);
  // Each endpoint has a list of its own.
  const auto list = "deliveries of " + endpoint.id.value;
  query.cursor = from.position_cursor(list);
  query.limit = from.limit();
  from.finish();
  co_await ctx.query<webhook_view>(req, ctx.services().webhooks, endpoint);
  const auto page = co_await ctx.query<webhook_delivery_page>(req, ctx.services().reader, query);
  const bool more = page.more && !page.deliveries.empty();
  co_return list_response(req, array_of(page.deliveries, write_endpoint_delivery),
                          more ? to_cursor(list, {{}, to_string(page.deliveries.back().position)}) : "");
}

/// What was sent about an order, its payments and its delivery.
task<response> list_of_order(context& ctx, const request& req) {
  query_reader from{req};
  from.finish();
  const auto record = co_await orders::read_record(ctx, req, path_id<order_id>(req));
  const auto messages = co_await orders::read_messages(ctx, req, record.events);
  json_writer out;
  out.begin_object().key("items").begin_array();
  for (const auto& message : messages) {
    write_endpoint_delivery_members(out, message);
    out.member("endpoint_id", message.endpoint).end_object();
  }
  response result;
  result.body = out.end_array().member("complete", !record.is_cut).key("next_cursor").null().end_object().take();
  co_return result;
}

task<response> retry_delivery(context& ctx, const request& req) {
  const auto& endpoint = req.segments[place_of_endpoint];
  const auto& message = req.segments[place_of_message];
  if (!is_id(endpoint, webhook_id::prefix()) || !is_id(message, webhook_message_id::prefix()))
    throw not_found("there is no such message");
  const retry_webhook_delivery command{webhook_id{endpoint}, message, req.origin()};
  const auto queued = co_await ctx.query<webhook_delivery_row>(req, ctx.services().webhooks, command);
  json_writer out;
  write_endpoint_delivery(out, queued);
  response result;
  result.status = 202;
  result.body = out.take();
  co_return result;
}

task<response> replay(context& ctx, const request& req) {
  auto command = read_replay(req);
  if (command.after != log_position{})
    co_await require_kept(ctx, req, command.after);
  if (command.before)
    co_await require_kept(ctx, req, *command.before);
  const auto begun = co_await ctx.query<webhook_view>(req, ctx.services().webhooks, std::move(command));
  json_writer out;
  write_endpoint(out, begun);
  response result;
  result.status = 202;
  result.body = out.take();
  co_return result;
}

/// 200 whatever the receiver said: the test itself has worked.
task<response> test(context& ctx, const request& req) {
  const test_webhook command{path_id<webhook_id>(req)};
  const auto answer = co_await ctx.query<webhook_answer>(req, ctx.services().webhooks, command);
  json_writer out;
  out.begin_object().member("delivered", answer.status / 100 == 2).key("status");
  if (answer.status == 0)
    out.null();
  else
    out.number(answer.status);
  write_optional(out, "error", answer.error);
  response result;
  result.body = out.member("duration_ms", answer.took.count()).end_object().take();
  co_return result;
}

} // namespace waybill::http::routes::webhooks
