#include "domain/base/errors.hpp"
#include "domain/octets/octets.hpp"
#include "gateway/auth/account_secret.hpp"
#include "gateway/http/field_limits.hpp"
#include "gateway/routes/accounts/credentials.hpp"
#include "gateway/routes/accounts/token_response.hpp"
#include "gateway/routes/handlers.hpp"

#include "domain/user.hpp"

// Registration and sign-in. The secrets of a session are sent to its client only.

namespace waybill::http::routes::accounts {

namespace {

user::new_session session_of(const refresh_token& token) {
  return {make_id<session_id>(), token.family_hash(), token.token_hash()};
}

/// The user that is asked when an e-mail address is not known: it does not exist, and asking takes as long as for one
/// that does. There are a few thousand of them, so that the work is spread over the nodes as for real users.
user_id stand_in(const std::string& email) {
  constexpr std::size_t many = 4096;
  const auto digest = sha256(email);
  const auto number = (static_cast<unsigned char>(digest[0]) * 256U + static_cast<unsigned char>(digest[1])) % many;
  return derive_id<user_id>("nobody " + std::to_string(number));
}

} // namespace

task<response> sign_up(context& ctx, const request& req) {
  register_user command;
  read_fields(req, [&](object_reader& from) {
    command.email = read_email(from, "email");
    command.password = read_new_password(from, "password");
    command.name = from.text("name", limits::person_name);
  });
  charge_account(req, command.email);
  command.id = make_id<user_id>();
  command.roles = {std::string{user::customer_role}};
  const auto token = refresh_token::make(command.id);
  command.session = session_of(token);
  command.origin = origin_of(req, command.id);
  const auto opened = co_await ctx.query<signed_in>(req, ctx.services().users, std::move(command));
  auto result = token_response(ctx, opened, token, 201);
  result.set("Location", "/v1/me");
  co_return result;
}

task<response> sign_in(context& ctx, const request& req) {
  std::string email;
  log_in command;
  read_fields(req, [&](object_reader& from) {
    email = from.text("email", limits::email);
    command.password = read_password(from, "password");
  });
  email = user::normal_email(email).value_or(email);
  charge_account(req, email);
  const find_user by_email{email};
  const auto page = co_await ctx.query<user_page>(req, ctx.services().reader, by_email);
  command.id = page.users.empty() ? stand_in(email) : user_id{page.users.front().id};
  const auto token = refresh_token::make(command.id);
  command.session = session_of(token);
  command.origin = origin_of(req, command.id);
  try {
    const auto opened = co_await ctx.query<signed_in>(req, ctx.services().users, std::move(command));
    ctx.metrics().logins_ok.inc();
    co_return token_response(ctx, opened, token, 200);
  } catch (const problem& error) {
    if (error.status == 401)
      ctx.metrics().logins_failed.inc();
    throw;
  }
}

} // namespace waybill::http::routes::accounts
