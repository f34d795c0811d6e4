#include "domain/base/errors.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/limits/limits.hpp"
#include "gateway/routes/accounts/account_views.hpp"
#include "gateway/routes/delivery/courier_views.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/orders/order_views.hpp"

#include "domain/base/codec.hpp"

#include <algorithm>
#include <utility>

// Couriers: operators keep the list, the courier goes online and offline.

namespace waybill::http {

namespace {

constexpr range capacities{1, courier::max_capacity};

void throw_if_any(const boost::json::value& body, std::vector<field_error>& errors) {
  if (body.is_null())
    errors.push_back({"", "must be an object"});
  if (!errors.empty())
    throw invalid_fields(422, std::move(errors));
}

response answer(const request& req, const courier::state& what) {
  return resource(req, text_of(write_courier, what), what.version);
}

add_courier read_courier(const request& req) {
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  add_courier wanted;
  wanted.name = from.text("name", limits::person_name);
  wanted.capacity = 1;
  if (from.optional("capacity"))
    wanted.capacity = static_cast<std::uint32_t>(from.integer("capacity", capacities));
  if (const auto user = from.optional_text("user_id", {1, 64})) {
    wanted.user = user_id{*user};
    if (!is_id(*user, user_id::prefix()))
      from.complain("user_id", "is not the id of a user");
  }
  from.finish();
  throw_if_any(body, errors);
  wanted.id = wanted.user.empty() ? make_id<courier_id>() : sibling_id<courier_id>(wanted.user);
  wanted.origin = req.origin();
  return wanted;
}

problem no_courier(std::string detail) {
  return invalid_fields(422, {{"/user_id", std::move(detail)}});
}

/// Only who may sign in as a courier can be one.
task<void> check_user(worker& w, user_id wanted) {
  const get_user question{std::move(wanted)};
  const auto found =
    co_await ask<user_view>(w.bridge_handle(), w.services().users, w.config().attempt_timeout, question);
  if (!found && found.error().code == ec::not_found)
    throw no_courier("there is no such user");
  if (!found)
    throw to_problem(found.error());
  const auto& roles = found->roles;
  if (std::find(roles.begin(), roles.end(), user::courier_role) == roles.end())
    throw no_courier("the user does not have the role courier");
}

change_courier read_change(const request& req) {
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  change_courier wanted;
  wanted.name = from.optional_text("name", limits::person_name);
  if (from.optional("capacity"))
    wanted.capacity = static_cast<std::uint32_t>(from.integer("capacity", capacities));
  if (const auto* online = from.optional("online")) {
    if (online->is_bool())
      wanted.online = online->get_bool();
    else
      from.complain("online", "must be true or false");
  }
  from.finish();
  throw_if_any(body, errors);
  wanted.on_behalf = req.who.as_courier_viewer();
  wanted.expected_version = expected_version(req);
  wanted.origin = req.origin();
  // Who is also a customer acts as a courier here.
  if (!wanted.on_behalf.everything)
    wanted.origin.by_kind = user::courier_role;
  return wanted;
}

} // namespace

task<response> list_all_couriers(worker& w, const request& req) {
  query_reader from{req};
  list_couriers wanted;
  if (const auto* online = from.find("online"); online)
    wanted.online = from.boolean("online");
  wanted.limit = from.limit();
  wanted.cursor_id = from.cursor("couriers", courier_id::prefix(), false).id;
  from.finish();
  const auto page = co_await w.query<state_page>(req, w.services().reader, wanted);
  json_writer items;
  items.begin_array();
  std::string last;
  for (const auto& text : page.states) {
    const auto one = decode<courier::state>(text);
    if (!one)
      throw to_problem(one.error());
    write_courier(items, *one);
    last = one->id.value;
  }
  items.end_array();
  co_return list_response(req, items.take(), page.more ? to_cursor("couriers", {{}, last}) : "");
}

task<response> add_one_courier(worker& w, const request& req) {
  auto wanted = read_courier(req);
  if (!wanted.user.empty())
    co_await check_user(w, wanted.user);
  // A repetition finds what it wants.
  const auto made = co_await w.query<courier::state>(req, w.services().couriers, std::move(wanted));
  auto result = answer(req, made);
  result.status = 201;
  result.set("Location", "/v1/couriers/" + made.id.value);
  co_return result;
}

task<response> show_courier(worker& w, const request& req) {
  const get_courier wanted{path_id<courier_id>(req), req.who.as_courier_viewer()};
  const auto found = co_await w.query<courier::state>(req, w.services().couriers, wanted);
  co_return answer(req, found);
}

task<response> patch_courier(worker& w, const request& req) {
  auto wanted = read_change(req);
  wanted.id = path_id<courier_id>(req);
  if (!wanted.on_behalf.may_see(wanted.id))
    throw not_found("there is no courier " + wanted.id.value);
  if (!wanted.on_behalf.everything && (wanted.name || wanted.capacity))
    throw problem{403, "forbidden", "a courier may change nothing but online", {}, {}};
  const auto& couriers = w.services().couriers;
  courier::state now;
  if (wanted.expected_version == 0)
    now = co_await w.query<courier::state>(req, couriers, std::move(wanted));
  else
    now = co_await w.command<courier::state>(req, couriers, std::move(wanted));
  co_return answer(req, now);
}

task<response> remove_one_courier(worker& w, const request& req) {
  const remove_courier wanted{path_id<courier_id>(req), expected_version(req), req.origin()};
  if (wanted.expected_version == 0)
    co_await w.query<courier::state>(req, w.services().couriers, wanted);
  else
    co_await w.command<courier::state>(req, w.services().couriers, wanted);
  response result;
  result.status = 204;
  co_return result;
}

} // namespace waybill::http
