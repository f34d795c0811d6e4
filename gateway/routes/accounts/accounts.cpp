#include "gateway/http/field_limits.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/accounts/account_views.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/orders/order_views.hpp"

#include "domain/user.hpp"

// A user's own account, and the accounts of others for admins.

namespace waybill::http::routes::accounts {

namespace {

response user_response(const request& req, const user_view& user) {
  json_writer out;
  write_user(out, user);
  return resource(req, out.take(), user.version);
}

bool is_user(const caller& caller) {
  return caller.authenticated && is_id(caller.id, user_id::prefix());
}

/// For callers without an account: the demo user and service keys.
response caller_response(const request& req) {
  json_writer out;
  out.begin_object().member("id", req.caller.id).member("kind", req.caller.kind);
  out.member("customer_id", req.caller.customer.value).key("roles").begin_array();
  const std::pair<role_set, std::string_view> words[] = {{role_set::customer, user::customer_role},
                                                         {role_set::courier, user::courier_role},
                                                         {role_set::staff, user::operator_role},
                                                         {role_set::admin, user::admin_role}};
  for (const auto& [bit, word] : words)
    if (any_of(req.caller.roles, bit))
      out.text(word);
  response result;
  result.body = out.end_array().end_object().take();
  return result;
}

change_user read_change(const request& req) {
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  change_user command;
  command.name = from.optional_text("name", limits::person_name);
  if (const auto email = from.optional_text("email", limits::email)) {
    command.email = user::normal_email(*email);
    if (!command.email)
      from.complain("email", "is not an e-mail address");
  }
  if (auto password = from.optional_text("password", limits::password))
    command.password = secret_text{std::move(*password)};
  command.current_password.value = from.optional_text("current_password", {1, limits::password.most}).value_or("");
  from.finish();
  if ((command.email || command.password) && command.current_password.value.empty())
    from.complain("current_password", "is needed to change the e-mail address or the password");
  require_valid(body, errors);
  return command;
}

administer_user read_administration(const request& req) {
  constexpr length words{0, 4};
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  administer_user command;
  if (from.optional("roles")) {
    auto roles = to_words(from.array("roles", words));
    if (!user::are_roles(roles))
      from.complain("roles", "must be different words out of customer, courier, operator, admin");
    command.roles = std::move(roles);
  }
  if (const auto* disabled = from.optional("disabled")) {
    if (disabled->is_bool())
      command.disabled = disabled->get_bool();
    else
      from.complain("disabled", "must be true or false");
  }
  from.finish();
  require_valid(body, errors);
  return command;
}

} // namespace

task<response> show_own(context& ctx, const request& req) {
  if (!is_user(req.caller))
    co_return caller_response(req);
  const get_user question{user_id{req.caller.id}};
  co_return user_response(req, co_await ctx.query<user_view>(req, ctx.services().users, question));
}

task<response> change_own(context& ctx, const request& req) {
  if (!is_user(req.caller))
    throw problem{403, "forbidden", "only a user has an account to change", {}, {}};
  auto command = read_change(req);
  command.id = user_id{req.caller.id};
  command.expected_version = expected_version(req);
  command.origin = req.origin();
  co_return user_response(req, co_await ctx.command<user_view>(req, ctx.services().users, std::move(command)));
}

task<response> list(context& ctx, const request& req) {
  query_reader from{req};
  list_users query;
  const auto email = from.text("email", limits::email.most);
  query.email = user::normal_email(email).value_or(email);
  query.role = from.text("role", 32);
  if (!query.role.empty() && !user::are_roles({query.role}))
    from.complain("role", "must be customer, courier, operator or admin");
  query.limit = from.limit();
  query.cursor_id = from.cursor("users", user_id::prefix(), false).id;
  from.finish();
  const auto page = co_await ctx.query<user_page>(req, ctx.services().reader, query);
  json_writer items;
  items.begin_array();
  for (const auto& user : page.users)
    write_user(items, user);
  items.end_array();
  const bool more = page.more && !page.users.empty();
  co_return list_response(req, items.take(), more ? to_cursor("users", {{}, page.users.back().id}) : "");
}

task<response> show(context& ctx, const request& req) {
  const get_user question{path_id<user_id>(req)};
  co_return user_response(req, co_await ctx.query<user_view>(req, ctx.services().users, question));
}

task<response> change(context& ctx, const request& req) {
  auto command = read_administration(req);
  command.id = path_id<user_id>(req);
  command.expected_version = expected_version(req);
  command.origin = req.origin();
  // Admins cannot take away their own rights: there may be no other admin.
  const bool gives_up =
    (command.roles && !any_of(to_role_set(*command.roles), role_set::admin)) || command.disabled.value_or(false);
  if (command.id.value == req.caller.id && gives_up)
    throw problem{409, "conflict", "an admin cannot take their own rights away: another one can", {}, {}};
  co_return user_response(req, co_await ctx.command<user_view>(req, ctx.services().users, std::move(command)));
}

} // namespace waybill::http::routes::accounts
