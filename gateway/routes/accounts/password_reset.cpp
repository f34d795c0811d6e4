#include "gateway/auth/account_secret.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/accounts/credentials.hpp"
#include "gateway/routes/handlers.hpp"

// Passwords that were forgotten: an admin has a code made, with which its user sets a new password, once.

namespace waybill::http::routes::accounts {

/// The code is shown only in this answer: its hash is all that is stored.
task<response> allow_password_reset(context& ctx, const request& req) {
  const auto code = reset_code::make(path_id<user_id>(req));
  const waybill::allow_password_reset command{code.user, code.hash(), req.origin()};
  const auto allowed = co_await ctx.query<password_reset>(req, ctx.services().users, command);
  response result;
  json_writer out;
  out.begin_object().member("code", code.text()).member("expires_at", to_rfc3339(allowed.expires_at)).end_object();
  result.status = 201;
  result.body = out.take();
  co_return result;
}

task<response> reset_password(context& ctx, const request& req) {
  constexpr length code_length{1, 256};
  std::string text;
  waybill::reset_password command;
  read_fields(req, [&](object_reader& from) {
    text = from.text("code", code_length);
    command.password = read_new_password(from, "password");
  });
  const auto code = reset_code::parse(text);
  if (!code)
    throw unauthenticated("the code is not valid (any more)");
  charge_account(req, code->user.value);
  command.id = code->user;
  command.code_hash = code->hash();
  command.origin = origin_of(req, code->user);
  // Not repeated: the second attempt would be told that the code is used up.
  co_await ctx.command<void>(req, ctx.services().users, std::move(command));
  co_return no_content();
}

} // namespace waybill::http::routes::accounts
