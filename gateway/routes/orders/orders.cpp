#include "gateway/http/field_limits.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/orders/order_support.hpp"
#include "gateway/routes/orders/order_views.hpp"

namespace waybill::http::routes::orders {

namespace {

std::shared_ptr<const order::state> order_at_hand(const context& ctx, const get_order& question) {
  const auto& look = ctx.services().order_at_hand;
  return look ? look(question) : nullptr;
}

std::string read_cancel_reason(const request& req) {
  // Clients that are made from the document leave out a body that need not be there.
  if (req.body.empty())
    return "cancelled by the caller";
  return read_reason(req);
}

} // namespace

task<order::state> visible_order(context& ctx, const request& req) {
  const get_order question{path_id<order_id>(req), req.caller.as_viewer()};
  if (const auto known = order_at_hand(ctx, question))
    co_return *known;
  co_return co_await ctx.query<order::state>(req, ctx.services().orders, question);
}

task<response> show(context& ctx, const request& req) {
  const get_order question{path_id<order_id>(req), req.caller.as_viewer()};
  if (const auto known = order_at_hand(ctx, question))
    co_return resource(req, text_of(write_order, *known), known->version);
  const auto order = co_await ctx.query<order::state>(req, ctx.services().orders, question);
  co_return resource(req, text_of(write_order, order), order.version);
}

task<response> cancel(context& ctx, const request& req) {
  cancel_order command;
  command.id = path_id<order_id>(req);
  command.expected_version = expected_version(req);
  command.reason = read_cancel_reason(req);
  command.origin = req.origin();
  command.on_behalf = req.caller.as_viewer();
  // With an expected version, a second attempt would be refused because of the version that the first one made.
  const auto order = co_await ctx.change<order::state>(req, ctx.services().orders, command);
  auto result = resource(req, text_of(write_order, order), order.version);
  // 202 also for an order that needs attention: the cancellation was accepted and is not done.
  result.status = order.status == order::status::cancelled ? 200 : 202;
  co_return result;
}

} // namespace waybill::http::routes::orders
