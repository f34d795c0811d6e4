#include "gateway/context/request_charge.hpp"
#include "gateway/http/field_limits.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/accounts/account_views.hpp"
#include "gateway/routes/accounts/credentials.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/view_text.hpp"

#include "domain/user.hpp"

// The accounts of others, for admins.

namespace waybill::http::routes::accounts {

namespace {

constexpr length role_words{0, 4};

std::vector<std::string> read_roles(object_reader& from) {
  auto roles = to_words(from.array("roles", role_words));
  if (!user::are_roles(roles))
    from.complain("roles", "must be distinct roles of: customer, courier, observer, operator, admin");
  return roles;
}

/// Without a password nobody can sign in until it is reset.
register_user read_account(const request& req) {
  register_user command;
  command.roles = {std::string{user::customer_role}};
  read_fields(req, [&](object_reader& from) {
    command.email = read_email(from, "email");
    command.name = from.text("name", limits::person_name);
    if (from.optional("password"))
      command.password = read_new_password(from, "password");
    if (from.optional("roles"))
      command.roles = read_roles(from);
  });
  command.id = make_id<user_id>();
  command.origin = req.origin();
  return command;
}

administer_user read_administration(const request& req) {
  administer_user command;
  read_fields(req, [&](object_reader& from) {
    if (from.optional("roles"))
      command.roles = read_roles(from);
    if (const auto* disabled = from.optional("disabled")) {
      if (disabled->is_bool())
        command.disabled = disabled->get_bool();
      else
        from.complain("disabled", "must be true or false");
    }
  });
  return command;
}

} // namespace

task<response> add(context& ctx, const request& req) {
  auto command = read_account(req);
  if (req.charge && !command.password.value.empty())
    req.charge->take(rate_class::auth, req.caller.id);
  // Without a session to recognise it by, a second attempt would find the address taken by the first one.
  const auto made = co_await ctx.command<signed_in>(req, ctx.services().users, std::move(command));
  auto result = user_response(req, made.user);
  result.status = 201;
  result.set("Location", "/v1/users/" + made.user.id.value);
  co_return result;
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
  const bool more = page.more && !page.users.empty();
  const auto write = [](json_writer& out, const user_row& user) { write_user(out, user); };
  co_return list_response(req, array_of(page.users, write), more ? to_cursor("users", {{}, page.users.back().id}) : "");
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
    throw problem{409, "conflict", "admins cannot remove their own rights; another admin can", {}, {}};
  co_return user_response(req, co_await ctx.command<user_view>(req, ctx.services().users, std::move(command)));
}

} // namespace waybill::http::routes::accounts
