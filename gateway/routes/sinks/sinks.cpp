#include "domain/sink/address.hpp"
#include "gateway/events/event_filter.hpp"
#include "gateway/http/field_limits.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/follower/follower_routes.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/sinks/sink_views.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>

// Sinks: changed by admins, shown to operators. Their passwords are taken and never shown.

namespace waybill::http::routes::sinks {

namespace {

constexpr std::string_view usual_destination = "waybill.events";
constexpr length destination_length{1, 249};
constexpr length user_length{0, 128};
constexpr length password_length{0, 1'024};

create_sink read_sink(const request& req) {
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  create_sink command;
  command.target.url = from.text("url", limits::webhook_url);
  command.target.destination =
    from.optional_text("destination", destination_length).value_or(std::string{usual_destination});
  command.target.user = from.optional_text("user", user_length).value_or("");
  command.password = from.optional_text("password", password_length).value_or("");
  command.types = read_types(from, "types");
  command.description = from.optional_text("description", limits::webhook_description).value_or("");
  from.finish();
  require_valid(body, errors);
  command.id = make_id<sink_id>();
  command.origin = req.origin();
  return command;
}

change_sink read_sink_change(const request& req) {
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  change_sink command;
  command.url = from.optional_text("url", limits::webhook_url);
  command.destination = from.optional_text("destination", destination_length);
  command.user = from.removable_text("user", user_length);
  command.password = from.removable_text("password", password_length);
  if (from.optional("types"))
    command.types = read_types(from, "types");
  command.description = from.removable_text("description", limits::webhook_description);
  command.enabled = read_enabled(from);
  from.finish();
  require_valid(body, errors);
  command.id = path_id<sink_id>(req);
  command.expected_version = expected_first_version(req);
  command.origin = req.origin();
  return command;
}

/// What a sink refuses begins with the name of the field: it is reported there.
problem at_its_field(const problem& refusal) {
  constexpr std::array<std::string_view, 3> fields{"url", "destination", "password"};
  const auto colon = refusal.detail.find(": ");
  for (const auto field : fields)
    if (refusal.detail.substr(0, colon) == field)
      return invalid_fields(422, {{'/' + std::string{field}, refusal.detail.substr(colon + 2)}});
  return refusal;
}

/// Bounds the number of sinks, each of which has a thread. Requests at the same time may exceed it by a few.
task<void> check_number_of_sinks(context& ctx, const request& req) {
  const list_sinks query{{}, limits::sinks};
  const auto page = co_await ctx.query<sink_page>(req, ctx.services().reader, query);
  if (page.sinks.size() >= limits::sinks)
    throw limit_reached(limits::sinks, "sinks");
}

} // namespace

task<response> list(context& ctx, const request& req) {
  query_reader from{req};
  list_sinks query;
  query.limit = from.limit();
  query.cursor_id = from.cursor("sinks", sink_id::prefix(), false).id;
  from.finish();
  const auto page = co_await ctx.query<sink_page>(req, ctx.services().reader, query);
  co_return follower_list(req, "sinks", page.sinks, page.more, write_sink);
}

task<response> add(context& ctx, const request& req) {
  auto command = read_sink(req);
  co_await check_number_of_sinks(ctx, req);
  command.start = co_await ctx.query<log_position>(req, ctx.services().reader, get_log_end{});
  // May be repeated: a second attempt finds the sink that the first one made.
  auto asked = ctx.query<sink_view>(req, ctx.services().sinks, std::move(command));
  const auto made = co_await refused_at_field(std::move(asked), at_its_field);
  auto result = follower_response(req, made, write_sink);
  result.status = 201;
  result.set("Location", "/v1/sinks/" + made.state.id.value);
  co_return result;
}

task<response> show(context& ctx, const request& req) {
  const get_sink question{path_id<sink_id>(req)};
  const auto shown = co_await ctx.query<sink_view>(req, ctx.services().sinks, question);
  co_return follower_response(req, shown, write_sink);
}

task<response> change(context& ctx, const request& req) {
  auto command = read_sink_change(req);
  auto asked = ctx.change<sink_view>(req, ctx.services().sinks, std::move(command));
  const auto changed = co_await refused_at_field(std::move(asked), at_its_field);
  co_return follower_response(req, changed, write_sink);
}

task<response> remove(context& ctx, const request& req) {
  const remove_sink command{path_id<sink_id>(req), expected_first_version(req), req.origin()};
  co_await ctx.change<void>(req, ctx.services().sinks, command);
  co_return no_content();
}

} // namespace waybill::http::routes::sinks
