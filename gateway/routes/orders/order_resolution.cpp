#include "gateway/http/field_limits.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/orders/order_views.hpp"

// What an operator can do with an order in needs_attention: retry its step or resolve it.

namespace waybill::http::routes::orders {

namespace {

std::string read_retry_reason(const request& req) {
  if (req.body.empty())
    return {};
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  auto reason = from.optional_text("reason", limits::reason);
  from.finish();
  require_valid(body, errors);
  return reason.value_or("");
}

void read_outcome(const request& req, resolve_order& to) {
  constexpr length word{1, 32};
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  const auto outcome = from.text("outcome", word);
  to.reason = from.text("reason", limits::reason);
  from.finish();
  if (outcome == "completed")
    to.outcome = order::status::completed;
  else if (outcome == "cancelled")
    to.outcome = order::status::cancelled;
  else if (!outcome.empty())
    from.complain("outcome", "must be completed or cancelled");
  require_valid(body, errors);
}

} // namespace

task<response> retry(context& ctx, const request& req) {
  retry_order command{path_id<order_id>(req), intent_of(req), read_retry_reason(req),
                      expected_version(req),  req.origin(),   req.caller.as_viewer()};
  const auto order = co_await ctx.change<order::state>(req, ctx.services().orders, std::move(command));
  co_return resource(req, text_of(write_order, order), order.version);
}

task<response> resolve(context& ctx, const request& req) {
  resolve_order command;
  command.id = path_id<order_id>(req);
  command.expected_version = expected_version(req);
  command.origin = req.origin();
  command.on_behalf = req.caller.as_viewer();
  read_outcome(req, command);
  const auto order = co_await ctx.command<order::state>(req, ctx.services().orders, std::move(command));
  co_return resource(req, text_of(write_order, order), order.version);
}

} // namespace waybill::http::routes::orders
