#include "gateway/http/reading.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/orders/order_body.hpp"
#include "gateway/routes/orders/order_support.hpp"
#include "gateway/routes/orders/order_views.hpp"

// Changes of an order before it is dispatched: other lines, hold, release.

namespace waybill::http::routes::orders {

namespace {

response order_response(const request& req, const order::state& order) {
  return resource(req, text_of(write_order, order), order.version);
}

/// A command without an expected version may be sent twice. With one, the second attempt would be refused because of
/// the version that the first one made.
template <class Command>
task<order::state> send_command(context& ctx, const request& req, Command command) {
  const bool repeatable = command.expected_version == 0;
  co_return co_await ctx.query_or_command<order::state>(req, ctx.services().orders, std::move(command), repeatable);
}

} // namespace

task<response> change(context& ctx, const request& req) {
  const auto body = read_body(req);
  std::vector<field_error> errors;
  auto command = read_change(body, errors);
  if (!errors.empty())
    throw invalid_fields(422, std::move(errors));
  command.id = path_id<order_id>(req);
  command.intent = intent_of(req);
  command.expected_version = expected_version(req);
  command.origin = req.origin();
  command.on_behalf = req.caller.as_viewer();
  if (!command.lines) {
    const auto changed = co_await send_command(ctx, req, std::move(command));
    co_return order_response(req, changed);
  }
  // Who may not see the order learns nothing about products either.
  co_await visible_order(ctx, req);
  co_await price_lines(ctx, *command.lines, errors);
  if (!errors.empty())
    throw invalid_fields(422, std::move(errors));
  // The order recognises a repeated change of lines by its intent, whatever its version.
  const auto changed = co_await ctx.query<order::state>(req, ctx.services().orders, std::move(command));
  co_return order_response(req, changed);
}

task<response> hold(context& ctx, const request& req) {
  hold_order command{path_id<order_id>(req), read_reason(req), expected_version(req), req.origin(),
                     req.caller.as_viewer()};
  const auto changed = co_await send_command(ctx, req, std::move(command));
  co_return order_response(req, changed);
}

task<response> release(context& ctx, const request& req) {
  release_order command{path_id<order_id>(req), read_reason(req), expected_version(req), req.origin(),
                        req.caller.as_viewer()};
  const auto changed = co_await send_command(ctx, req, std::move(command));
  co_return order_response(req, changed);
}

} // namespace waybill::http::routes::orders
