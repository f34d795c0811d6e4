#include "domain/octets/octets.hpp"
#include "gateway/events/event_filter.hpp"
#include "gateway/http/field_limits.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/follower/follower_routes.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/webhooks/webhook_views.hpp"

#include "domain/webhook/signature.hpp"

#include <string>
#include <utility>

// Webhook endpoints: changed by admins, shown to operators.

namespace waybill::http::routes::webhooks {

namespace {

constexpr range overlaps{0, 7 * 24 * 3'600};
constexpr std::int64_t usual_overlap = 24 * 3'600;

/// The secret that messages to the endpoint are signed with: shown once, when it is made.
std::string make_secret() {
  constexpr std::size_t octets = 32;
  return webhook_signature::write_secret({random_octets(octets)});
}

create_webhook read_endpoint(const request& req) {
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  create_webhook command;
  command.url = from.text("url", limits::webhook_url);
  command.types = read_types(from, "types");
  command.description = from.optional_text("description", limits::webhook_description).value_or("");
  from.finish();
  require_valid(body, errors);
  command.id = make_id<webhook_id>();
  command.secret = make_secret();
  command.origin = req.origin();
  return command;
}

change_webhook read_change(const request& req) {
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  change_webhook command;
  command.url = from.optional_text("url", limits::webhook_url);
  if (from.optional("types"))
    command.types = read_types(from, "types");
  command.description = from.removable_text("description", limits::webhook_description);
  command.enabled = read_enabled(from);
  from.finish();
  require_valid(body, errors);
  command.id = path_id<webhook_id>(req);
  command.expected_version = expected_first_version(req);
  command.origin = req.origin();
  return command;
}

/// An endpoint refuses nothing but a URL.
problem at_url(const problem& refusal) {
  return invalid_fields(422, {{"/url", refusal.detail}});
}

/// With the secret, which is shown only once.
response response_with_secret(const webhook_view& endpoint, const std::string& secret) {
  json_writer out;
  write_endpoint_members(out, endpoint.state, endpoint.progress);
  response result;
  result.body = out.member("secret", secret).end_object().take();
  result.set("ETag", etag_of(endpoint.state.version, text_of(write_endpoint, endpoint)));
  return result;
}

/// Bounds the number of endpoints, so that a faulty client cannot make them without end. Requests at the same time may
/// exceed it by a few.
task<void> check_number(context& ctx, const request& req) {
  const list_webhooks query{{}, limits::webhook_endpoints};
  const auto page = co_await ctx.query<webhook_page>(req, ctx.services().reader, query);
  if (page.webhooks.size() >= limits::webhook_endpoints)
    throw limit_reached(limits::webhook_endpoints, "webhook endpoints");
}

} // namespace

task<response> list(context& ctx, const request& req) {
  query_reader from{req};
  list_webhooks query;
  query.limit = from.limit();
  query.cursor_id = from.cursor("webhook_endpoints", webhook_id::prefix(), false).id;
  from.finish();
  const auto page = co_await ctx.query<webhook_page>(req, ctx.services().reader, query);
  co_return follower_list(req, "webhook_endpoints", page.webhooks, page.more, write_endpoint);
}

task<response> add(context& ctx, const request& req) {
  auto command = read_endpoint(req);
  co_await check_number(ctx, req);
  command.start = co_await ctx.query<log_position>(req, ctx.services().reader, get_log_end{});
  const auto secret = command.secret;
  // May be repeated: a second attempt finds the endpoint that the first one made.
  auto asked = ctx.query<webhook_view>(req, ctx.services().webhooks, std::move(command));
  const auto made = co_await refused_at_field(std::move(asked), at_url);
  auto result = response_with_secret(made, secret);
  result.status = 201;
  result.set("Location", "/v1/webhook-endpoints/" + made.state.id.value);
  co_return result;
}

task<response> show(context& ctx, const request& req) {
  const get_webhook question{path_id<webhook_id>(req)};
  const auto endpoint = co_await ctx.query<webhook_view>(req, ctx.services().webhooks, question);
  co_return follower_response(req, endpoint, write_endpoint);
}

task<response> change(context& ctx, const request& req) {
  auto command = read_change(req);
  auto asked = ctx.change<webhook_view>(req, ctx.services().webhooks, std::move(command));
  const auto changed = co_await refused_at_field(std::move(asked), at_url);
  co_return follower_response(req, changed, write_endpoint);
}

task<response> remove(context& ctx, const request& req) {
  const remove_webhook command{path_id<webhook_id>(req), expected_first_version(req), req.origin()};
  co_await ctx.change<void>(req, ctx.services().webhooks, command);
  co_return no_content();
}

task<response> rotate_secret(context& ctx, const request& req) {
  rotate_webhook_secret command;
  command.id = path_id<webhook_id>(req);
  auto overlap = usual_overlap;
  if (!req.body.empty()) {
    const auto body = read_body(req);
    std::vector<field_error> errors;
    object_reader from{body, "", errors};
    if (from.optional("overlap_seconds"))
      overlap = from.integer("overlap_seconds", overlaps);
    from.finish();
    require_valid(body, errors);
  }
  if (overlap > 0)
    command.previous_until = now() + std::chrono::seconds{overlap};
  command.secret = make_secret();
  command.origin = req.origin();
  const auto secret = command.secret;
  const auto rotated = co_await ctx.query<webhook_view>(req, ctx.services().webhooks, std::move(command));
  co_return response_with_secret(rotated, secret);
}

} // namespace waybill::http::routes::webhooks
