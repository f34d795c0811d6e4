#include "domain/base/errors.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/orders/order_views.hpp"

// The payment and the delivery of an order. Whose they are, the order knows: it is asked first.

namespace waybill::http {

namespace {

/// What belongs to an order is made when it is needed: until then it is nothing yet.
template <class Part>
Part or_nothing(result<Part> answer) {
  if (answer)
    return std::move(*answer);
  if (answer.error().code == ec::not_found)
    return {};
  throw to_problem(answer.error());
}

/// Both move by themselves.
std::string tag_of(std::uint64_t order, std::uint64_t part) {
  return '"' + std::to_string(order) + '.' + std::to_string(part) + '"';
}

} // namespace

task<response> show_order_payment(worker& w, const request& req) {
  const auto order = co_await visible_order(w, req);
  const get_payment wanted{order::payment_of(order.id, order.revisions ? order.revisions->payment : 0)};
  auto answer =
    co_await ask<payment::state>(w.bridge_handle(), w.services().payments, w.config().attempt_timeout, wanted);
  const auto payment = or_nothing(std::move(answer));
  json_writer out;
  write_payment(out, order, payment);
  co_return resource(req, out.take(), tag_of(order.version, payment.version));
}

task<response> show_order_delivery(worker& w, const request& req) {
  const auto order = co_await visible_order(w, req);
  const get_delivery wanted{sibling_id<delivery_id>(order.id)};
  auto answer =
    co_await ask<delivery::state>(w.bridge_handle(), w.services().deliveries, w.config().attempt_timeout, wanted);
  const auto delivery = or_nothing(std::move(answer));
  json_writer out;
  write_delivery(out, order, delivery);
  co_return resource(req, out.take(), tag_of(order.version, delivery.version));
}

} // namespace waybill::http
