#include "gateway/http/reading.hpp"
#include "gateway/limits/limits.hpp"
#include "gateway/routes/accounts/account_views.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/orders/order_views.hpp"

#include "domain/user.hpp"

// A user's own account, and an admin's hand on those of others.

namespace waybill::http {

namespace {

response answer(const request& req, const user_view& what) {
  json_writer out;
  write_user(out, what);
  return resource(req, out.take(), what.version);
}

bool is_user(const caller& who) {
  return who.authenticated && is_id(who.id, user_id::prefix());
}

/// Of those who have no account: the demo user and machines.
response answer_for_nobody(const request& req) {
  json_writer out;
  out.begin_object().member("id", req.who.id).member("kind", req.who.kind);
  out.member("customer_id", req.who.customer.value).key("roles").begin_array();
  const std::pair<role_set, std::string_view> words[] = {{role_set::customer, user::customer_role},
                                                         {role_set::courier, user::courier_role},
                                                         {role_set::staff, user::operator_role},
                                                         {role_set::admin, user::admin_role}};
  for (const auto& [bit, word] : words)
    if (any_of(req.who.roles, bit))
      out.text(word);
  response result;
  result.body = out.end_array().end_object().take();
  return result;
}

void throw_if_any(const boost::json::value& body, std::vector<field_error>& errors) {
  if (body.is_null())
    errors.push_back({"", "must be an object"});
  if (!errors.empty())
    throw invalid_fields(422, std::move(errors));
}

change_user read_change(const request& req) {
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  change_user wanted;
  wanted.name = from.optional_text("name", limits::person_name);
  if (const auto email = from.optional_text("email", limits::email)) {
    wanted.email = user::normal_email(*email);
    if (!wanted.email)
      from.complain("email", "is not an e-mail address");
  }
  if (auto password = from.optional_text("password", limits::password))
    wanted.password = secret_text{std::move(*password)};
  wanted.current_password.value = from.optional_text("current_password", {1, limits::password.most}).value_or("");
  from.finish();
  if ((wanted.email || wanted.password) && wanted.current_password.value.empty())
    from.complain("current_password", "is needed to change the e-mail address or the password");
  throw_if_any(body, errors);
  return wanted;
}

administer_user read_administration(const request& req) {
  constexpr length words{0, 4};
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  administer_user wanted;
  if (from.optional("roles")) {
    std::vector<std::string> roles;
    for (const auto& word : from.array("roles", words))
      roles.emplace_back(word.is_string() ? std::string{word.get_string()} : std::string{});
    if (!user::are_roles(roles))
      from.complain("roles", "must be different words out of customer, courier, operator, admin");
    wanted.roles = std::move(roles);
  }
  if (const auto* disabled = from.optional("disabled")) {
    if (disabled->is_bool())
      wanted.disabled = disabled->get_bool();
    else
      from.complain("disabled", "must be true or false");
  }
  from.finish();
  throw_if_any(body, errors);
  return wanted;
}

} // namespace

task<response> show_me(worker& w, const request& req) {
  if (!is_user(req.who))
    co_return answer_for_nobody(req);
  const get_user wanted{user_id{req.who.id}};
  co_return answer(req, co_await w.query<user_view>(req, w.services().users, wanted));
}

task<response> change_me(worker& w, const request& req) {
  if (!is_user(req.who))
    throw problem{403, "forbidden", "only a user has an account to change", {}, {}};
  auto wanted = read_change(req);
  wanted.id = user_id{req.who.id};
  wanted.expected_version = expected_version(req);
  wanted.origin = req.origin();
  co_return answer(req, co_await w.command<user_view>(req, w.services().users, std::move(wanted)));
}

task<response> list_accounts(worker& w, const request& req) {
  query_reader from{req};
  list_users wanted;
  const auto email = from.text("email", limits::email.most);
  wanted.email = user::normal_email(email).value_or(email);
  wanted.role = from.text("role", 32);
  if (!wanted.role.empty() && !user::are_roles({wanted.role}))
    from.complain("role", "must be customer, courier, operator or admin");
  wanted.limit = from.limit();
  wanted.cursor_id = from.cursor("users", user_id::prefix(), false).id;
  from.finish();
  const auto page = co_await w.query<user_page>(req, w.services().reader, wanted);
  json_writer items;
  items.begin_array();
  for (const auto& one : page.users)
    write_user(items, one);
  items.end_array();
  const bool more = page.more && !page.users.empty();
  co_return list_response(req, items.take(), more ? to_cursor("users", {{}, page.users.back().id}) : "");
}

task<response> show_account(worker& w, const request& req) {
  const get_user wanted{path_id<user_id>(req)};
  co_return answer(req, co_await w.query<user_view>(req, w.services().users, wanted));
}

task<response> change_account(worker& w, const request& req) {
  auto wanted = read_administration(req);
  wanted.id = path_id<user_id>(req);
  wanted.expected_version = expected_version(req);
  wanted.origin = req.origin();
  // Nobody shuts themselves out: there may be no other admin.
  const bool gives_up =
    (wanted.roles && !any_of(to_role_set(*wanted.roles), role_set::admin)) || wanted.disabled.value_or(false);
  if (wanted.id.value == req.who.id && gives_up)
    throw problem{409, "conflict", "an admin cannot take their own rights away: another one can", {}, {}};
  co_return answer(req, co_await w.command<user_view>(req, w.services().users, std::move(wanted)));
}

} // namespace waybill::http
