#include "gateway/auth/account_check.hpp"

#include "gateway/auth/authentication.hpp"
#include "gateway/http/text.hpp"

#include <utility>
#include <vector>

namespace waybill::http {

namespace {

/// The roles of the account; throws a problem with status 401 when there is none (any more).
task<std::vector<std::string>> roles_of_user(context& ctx, const request& req) {
  const get_user question{user_id{req.caller.id}};
  bool exists = true;
  user_view account;
  try {
    account = co_await ctx.query<user_view>(req, ctx.services().users, question);
  } catch (const problem& error) {
    if (error.status != 404)
      throw;
    exists = false;
  }
  if (!exists || account.disabled)
    throw invalid_token();
  co_return std::move(account.roles);
}

task<std::vector<std::string>> roles_of_key(context& ctx, const request& req) {
  const find_service_key question{{}, req.caller.id};
  const auto answer = co_await ctx.query<found_service_key>(req, ctx.services().reader, question);
  if (!holds(answer.key, now()))
    throw invalid_token();
  co_return split_words(answer.key->roles);
}

} // namespace

task<caller> confirm_account(context& ctx, const request& req, access_rule rule) {
  // The demo user is nobody who could lose a right.
  if (!req.caller.authenticated || req.caller.id == scenario_player().value)
    co_return req.caller;
  std::vector<std::string> roles;
  if (is_id(req.caller.id, service_key_id::prefix()))
    roles = co_await roles_of_key(ctx, req);
  else
    roles = co_await roles_of_user(ctx, req);
  auto confirmed = narrow(req.caller, to_role_set(roles));
  require_right(confirmed, rule.right);
  co_return confirmed;
}

const user_id& scenario_player() {
  static const auto player = derive_id<user_id>("scenario player");
  return player;
}

} // namespace waybill::http
