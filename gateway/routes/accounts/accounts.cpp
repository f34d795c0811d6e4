#include "gateway/auth/account_check.hpp"
#include "gateway/context/request_charge.hpp"
#include "gateway/http/field_limits.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/accounts/account_views.hpp"
#include "gateway/routes/accounts/credentials.hpp"
#include "gateway/routes/handlers.hpp"

#include "domain/user.hpp"

// A user's own account.

namespace waybill::http::routes::accounts {

namespace {

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
                                                         {role_set::observer, user::observer_role},
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
  change_user command;
  read_fields(req, [&](object_reader& from) {
    command.name = from.optional_text("name", limits::person_name);
    if (from.optional("email"))
      command.email = read_email(from, "email");
    if (from.optional("password"))
      command.password = read_new_password(from, "password");
    if (from.optional("current_password"))
      command.current_password = read_password(from, "current_password");
    else if (command.email || command.password)
      from.complain("current_password", "is needed to change the e-mail address or the password");
  });
  return command;
}

/// What verifies a password is a login as far as the limits are concerned: of the user, of the address that it comes
/// from, and of the e-mail address that is tried.
void charge_credentials(const request& req, const change_user& command) {
  if (!req.charge || (!command.email && !command.password))
    return;
  req.charge->take(rate_class::auth, req.caller.id);
  req.charge->take_of_address(rate_class::auth);
  if (command.email)
    req.charge->take_of_account(*command.email);
}

} // namespace

task<response> show_own(context& ctx, const request& req) {
  if (!is_user(req.caller) || req.caller.id == scenario_player().value)
    co_return caller_response(req);
  const get_user question{user_id{req.caller.id}};
  co_return user_response(req, co_await ctx.query<user_view>(req, ctx.services().users, question));
}

task<response> change_own(context& ctx, const request& req) {
  if (!is_user(req.caller))
    throw problem{403, "forbidden", "only a user has an account to change", {}, {}};
  auto command = read_change(req);
  charge_credentials(req, command);
  command.id = user_id{req.caller.id};
  command.expected_version = expected_version(req);
  command.origin = req.origin();
  co_return user_response(req, co_await ctx.command<user_view>(req, ctx.services().users, std::move(command)));
}

} // namespace waybill::http::routes::accounts
