#include "domain/octets/octets.hpp"
#include "gateway/events/event_filter.hpp"
#include "gateway/http/field_limits.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/view_text.hpp"
#include "gateway/routes/webhooks/webhook_views.hpp"

#include "domain/json/codec.hpp"
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

std::vector<std::string> read_types(object_reader& from) {
  constexpr length allowed{1, 16};
  event_filter filter;
  filter.types = to_words(from.array("types", allowed));
  if (auto wrong = check_filter(filter); !wrong.empty())
    from.complain("types", std::move(wrong));
  return filter.types;
}

create_webhook read_endpoint(const request& req) {
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  create_webhook command;
  command.url = from.text("url", limits::webhook_url);
  command.types = read_types(from);
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
    command.types = read_types(from);
  command.description = from.removable_text("description", limits::webhook_description);
  if (const auto status = from.optional_text("status", {1, 20})) {
    command.enabled = *status == "enabled";
    if (*status != "enabled" && *status != "disabled")
      from.complain("status", "must be enabled or disabled");
  }
  from.finish();
  require_valid(body, errors);
  command.id = path_id<webhook_id>(req);
  command.expected_version = expected_first_version(req);
  command.origin = req.origin();
  return command;
}

/// Sends a command. An endpoint refuses nothing but a URL, so a refusal is reported at /url.
template <class Message>
task<webhook_view> send_command(context& ctx, const request& req, Message command, bool repeatable) {
  try {
    co_return co_await ctx.query_or_command<webhook_view>(req, ctx.services().webhooks, std::move(command), repeatable);
  } catch (const problem& error) {
    if (error.status == 422 && error.errors.empty())
      throw invalid_fields(422, {{"/url", error.detail}});
    throw;
  }
}

response endpoint_response(const request& req, const webhook_view& endpoint) {
  auto shown = text_of(write_endpoint, endpoint);
  const auto tag = etag_of(endpoint.state.version, shown);
  return resource(req, std::move(shown), tag);
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
    throw problem{409,
                  "conflict",
                  "the limit of " + std::to_string(limits::webhook_endpoints) + " webhook endpoints is reached",
                  {},
                  {}};
}

} // namespace

task<response> list(context& ctx, const request& req) {
  query_reader from{req};
  list_webhooks query;
  query.limit = from.limit();
  query.cursor_id = from.cursor("webhook_endpoints", webhook_id::prefix(), false).id;
  from.finish();
  const auto page = co_await ctx.query<webhook_page>(req, ctx.services().reader, query);
  const auto write = [](json_writer& out, const stored_webhook& row) {
    auto state = decode<webhook::state>(row.state);
    if (!state)
      throw to_problem(state.error());
    write_endpoint(out, {std::move(*state), row.progress});
  };
  const bool more = page.more && !page.webhooks.empty();
  co_return list_response(req, array_of(page.webhooks, write),
                          more ? to_cursor("webhook_endpoints", {{}, page.webhooks.back().progress.id}) : "");
}

task<response> add(context& ctx, const request& req) {
  auto command = read_endpoint(req);
  co_await check_number(ctx, req);
  command.start = co_await ctx.query<log_position>(req, ctx.services().reader, get_log_end{});
  const auto secret = command.secret;
  // May be repeated: a second attempt finds the endpoint that the first one made.
  const auto made = co_await send_command(ctx, req, std::move(command), true);
  auto result = response_with_secret(made, secret);
  result.status = 201;
  result.set("Location", "/v1/webhook-endpoints/" + made.state.id.value);
  co_return result;
}

task<response> show(context& ctx, const request& req) {
  const get_webhook question{path_id<webhook_id>(req)};
  const auto endpoint = co_await ctx.query<webhook_view>(req, ctx.services().webhooks, question);
  co_return endpoint_response(req, endpoint);
}

task<response> change(context& ctx, const request& req) {
  auto command = read_change(req);
  const bool repeatable = command.expected_version == 0;
  const auto changed = co_await send_command(ctx, req, std::move(command), repeatable);
  co_return endpoint_response(req, changed);
}

task<response> remove(context& ctx, const request& req) {
  const remove_webhook command{path_id<webhook_id>(req), expected_first_version(req), req.origin()};
  const bool repeatable = command.expected_version == 0;
  co_await ctx.query_or_command<void>(req, ctx.services().webhooks, command, repeatable);
  response result;
  result.status = 204;
  co_return result;
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
