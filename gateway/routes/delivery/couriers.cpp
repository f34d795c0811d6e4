#include "domain/base/errors.hpp"
#include "gateway/http/field_limits.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/accounts/account_views.hpp"
#include "gateway/routes/delivery/courier_views.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/orders/order_views.hpp"
#include "gateway/routes/view_text.hpp"

#include "domain/json/codec.hpp"

#include <algorithm>
#include <utility>

// Couriers: operators add, change and remove them; a courier goes online and offline.

namespace waybill::http::routes::couriers {

namespace {

constexpr range capacities{1, courier::max_capacity};

response courier_response(const request& req, const courier::state& courier) {
  return resource(req, text_of(write_courier, courier), courier.version);
}

add_courier read_courier(const request& req) {
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  courier::add command;
  command.name = from.text("name", limits::person_name);
  if (from.optional("capacity"))
    command.capacity = static_cast<std::uint32_t>(from.integer("capacity", capacities));
  if (const auto user = from.optional_text("user_id", {1, 64})) {
    command.user = user_id{*user};
    if (!is_id(*user, user_id::prefix()))
      from.complain("user_id", "is not the id of a user");
  }
  from.finish();
  require_valid(body, errors);
  command.courier = command.user.empty() ? make_id<courier_id>() : sibling_id<courier_id>(command.user);
  return {std::move(command), req.origin()};
}

problem unfit_user(std::string detail) {
  return invalid_fields(422, {{"/user_id", std::move(detail)}});
}

/// Throws a problem unless the user may sign in as a courier.
task<void> check_user(context& ctx, user_id id) {
  const get_user question{std::move(id)};
  const auto account = co_await ctx.ask_for<user_view>(ctx.services().users, question);
  if (!account && account.error().code == ec::not_found)
    throw unfit_user("there is no such user");
  if (!account)
    throw to_problem(account.error());
  const auto& roles = account->roles;
  if (std::find(roles.begin(), roles.end(), user::courier_role) == roles.end())
    throw unfit_user("the user does not have the role courier");
}

change_courier read_change(const request& req) {
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  change_courier command;
  auto& change = command.change;
  change.name = from.optional_text("name", limits::person_name);
  if (from.optional("capacity"))
    change.capacity = static_cast<std::uint32_t>(from.integer("capacity", capacities));
  if (const auto* online = from.optional("online")) {
    if (online->is_bool())
      change.online = online->get_bool();
    else
      from.complain("online", "must be true or false");
  }
  from.finish();
  require_valid(body, errors);
  command.on_behalf = req.caller.as_courier_viewer();
  command.expected_version = expected_version(req);
  command.origin = req.origin();
  // A caller who is also a customer acts as a courier here.
  if (!command.on_behalf.everything)
    command.origin.by_kind = user::courier_role;
  return command;
}

} // namespace

task<response> list(context& ctx, const request& req) {
  query_reader from{req};
  list_couriers query;
  if (const auto* online = from.find("online"); online)
    query.online = from.boolean("online");
  query.limit = from.limit();
  query.cursor_id = from.cursor("couriers", courier_id::prefix(), false).id;
  from.finish();
  const auto page = co_await ctx.query<state_page>(req, ctx.services().reader, query);
  const auto couriers = decode_all<courier::state>(page.states);
  const bool more = page.more && !couriers.empty();
  co_return list_response(req, array_of(couriers, write_courier),
                          more ? to_cursor("couriers", {{}, couriers.back().id.value}) : "");
}

task<response> add(context& ctx, const request& req) {
  auto command = read_courier(req);
  if (!command.add.user.empty())
    co_await check_user(ctx, command.add.user);
  // May be repeated: a second attempt finds the courier that the first one made.
  const auto made = co_await ctx.query<courier::state>(req, ctx.services().couriers, std::move(command));
  auto result = courier_response(req, made);
  result.status = 201;
  result.set("Location", "/v1/couriers/" + made.id.value);
  co_return result;
}

task<response> show(context& ctx, const request& req) {
  const get_courier question{path_id<courier_id>(req), req.caller.as_courier_viewer()};
  const auto courier = co_await ctx.query<courier::state>(req, ctx.services().couriers, question);
  co_return courier_response(req, courier);
}

task<response> change(context& ctx, const request& req) {
  auto command = read_change(req);
  command.id = path_id<courier_id>(req);
  if (!command.on_behalf.may_see(command.id))
    throw not_found("there is no courier " + command.id.value);
  if (!command.on_behalf.everything && (command.change.name || command.change.capacity))
    throw problem{403, "forbidden", "couriers may only change online", {}, {}};
  const auto changed = co_await ctx.change<courier::state>(req, ctx.services().couriers, std::move(command));
  co_return courier_response(req, changed);
}

task<response> remove(context& ctx, const request& req) {
  const remove_courier command{path_id<courier_id>(req), expected_version(req), req.origin()};
  co_await ctx.change<courier::state>(req, ctx.services().couriers, command);
  co_return no_content();
}

} // namespace waybill::http::routes::couriers
