#include "domain/base/errors.hpp"
#include "domain/octets/octets.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/bulk/bulk_action_body.hpp"
#include "gateway/routes/bulk/bulk_action_view.hpp"
#include "gateway/routes/handlers.hpp"

#include <boost/json/serialize.hpp>

// What operators do to many orders at once.

namespace waybill::http::routes::bulk_actions {

namespace {

bulk_action_id id_of(const request& req) {
  const auto key = idempotency_key(req);
  if (key.empty())
    return make_id<bulk_action_id>();
  return derive_id<bulk_action_id>(req.caller.id + "\nPOST /v1/bulk-actions\n" + key);
}

response accepted(const request& req, const bulk::state& action, bool replayed) {
  auto result = resource(req, text_of(action), action.version);
  result.status = 202;
  result.set("Location", "/v1/bulk-actions/" + action.id.value);
  if (replayed)
    result.set("Idempotent-Replayed", "true");
  return result;
}

/// What the key started before, if anything: its filter must not be asked again, because it selects others by now.
task<std::optional<bulk::state>> find_replay(context& ctx, const start_bulk_action& command) {
  const get_bulk_action question{command.id};
  auto existing = co_await ctx.ask_for<bulk::state>(ctx.services().bulk_actions, question);
  if (!existing && existing.error().code == ec::not_found)
    co_return std::nullopt;
  if (!existing)
    throw to_problem(existing.error());
  if (existing->fingerprint != command.fingerprint)
    throw to_problem({ec::idempotency_key_reused, "the key was used before with another body"});
  co_return std::move(*existing);
}

} // namespace

task<response> start(context& ctx, const request& req) {
  const auto body = read_body(req);
  std::vector<field_error> errors;
  auto wanted = read_bulk_action(req, body, errors);
  require_valid(body, errors);
  auto& command = wanted.command;
  command.id = id_of(req);
  command.fingerprint = to_base64url(sha256(boost::json::serialize(body)));
  command.origin = req.origin();
  std::optional<bulk::state> known;
  if (!idempotency_key(req).empty())
    known = co_await find_replay(ctx, command);
  if (known)
    co_return accepted(req, *known, true);
  if (wanted.filter)
    co_await select_orders(ctx, req, std::move(*wanted.filter), command);
  if (command.orders.empty())
    throw invalid_fields(422, {{"/filter", "selects no order"}});
  const auto started = co_await ctx.query<bulk_action_started>(req, ctx.services().bulk_actions, command);
  co_return accepted(req, started.bulk_action, started.replayed && !idempotency_key(req).empty());
}

task<response> show(context& ctx, const request& req) {
  const get_bulk_action question{path_id<bulk_action_id>(req)};
  const auto action = co_await ctx.query<bulk::state>(req, ctx.services().bulk_actions, question);
  co_return resource(req, text_of(action), action.version);
}

task<response> stop(context& ctx, const request& req) {
  const stop_bulk_action command{path_id<bulk_action_id>(req), req.origin()};
  const auto action = co_await ctx.query<bulk::state>(req, ctx.services().bulk_actions, command);
  auto result = resource(req, text_of(action), action.version);
  // 202 while orders that were begun are waited for.
  result.status = bulk::is_under_way(action) ? 202 : 200;
  co_return result;
}

} // namespace waybill::http::routes::bulk_actions
