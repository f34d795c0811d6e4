#include "domain/base/errors.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/orders/order_support.hpp"
#include "gateway/routes/orders/order_views.hpp"

// The payment and the delivery of an order. The order is asked first, since it knows who may see it.

namespace waybill::http::routes::orders {

namespace {

/// A payment or delivery is created when the order needs it; until then it is shown with its initial state.
template <class Part>
Part or_initial(result<Part> answer) {
  if (answer)
    return std::move(*answer);
  if (answer.error().code == ec::not_found)
    return {};
  throw to_problem(answer.error());
}

/// The order and the payment or delivery change independently, so the tag holds both versions.
std::string tag_of(std::uint64_t order, std::uint64_t part) {
  return '"' + std::to_string(order) + '.' + std::to_string(part) + '"';
}

} // namespace

task<response> show_payment(context& ctx, const request& req) {
  const auto order = co_await visible_order(ctx, req);
  const get_payment question{order::payment_of(order.id, order.revisions ? order.revisions->payment : 0)};
  auto answer = co_await ctx.ask_for<payment::state>(ctx.services().payments, question);
  const auto payment = or_initial(std::move(answer));
  json_writer out;
  write_payment(out, order, payment);
  co_return resource(req, out.take(), tag_of(order.version, payment.version));
}

task<response> show_delivery(context& ctx, const request& req) {
  const auto order = co_await visible_order(ctx, req);
  const get_delivery question{sibling_id<delivery_id>(order.id)};
  auto answer = co_await ctx.ask_for<delivery::state>(ctx.services().deliveries, question);
  const auto delivery = or_initial(std::move(answer));
  json_writer out;
  write_delivery(out, order, delivery);
  co_return resource(req, out.take(), tag_of(order.version, delivery.version));
}

} // namespace waybill::http::routes::orders
