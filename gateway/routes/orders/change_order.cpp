#include "domain/base/errors.hpp"
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
  co_return co_await ctx.change<order::state>(req, ctx.services().orders, std::move(command));
}

/// A change of which a part depends on the present state: for that version, and once more when somebody was quicker.
task<response> lay_over(context& ctx, const request& req, change_order command, delivery_patch delivery) {
  constexpr int most_attempts = 3;
  const bool any_version = command.expected_version == 0;
  std::vector<field_error> errors;
  for (int attempt = 1;; ++attempt) {
    const auto present = co_await visible_order(ctx, req);
    if (command.lines && attempt == 1)
      co_await price_lines(ctx, *command.lines, errors);
    if (!errors.empty())
      throw invalid_fields(422, std::move(errors));
    command.delivery = delivery.over(present.delivery);
    if (any_version)
      command.expected_version = present.version;
    const auto changed = co_await ctx.ask_for<order::state>(ctx.services().orders, command);
    if (changed)
      co_return order_response(req, *changed);
    if (!any_version || attempt == most_attempts || changed.error().code != ec::version_mismatch)
      throw to_problem(changed.error());
  }
}

} // namespace

task<response> change(context& ctx, const request& req) {
  const auto body = read_body(req);
  std::vector<field_error> errors;
  delivery_patch delivery;
  auto command = read_change(body, delivery, errors);
  if (!errors.empty())
    throw invalid_fields(422, std::move(errors));
  command.id = path_id<order_id>(req);
  command.intent = intent_of(req);
  command.expected_version = expected_version(req);
  command.origin = req.origin();
  command.on_behalf = req.caller.as_viewer();
  if (delivery.is_part())
    co_return co_await lay_over(ctx, req, std::move(command), std::move(delivery));
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
