#include "actors/order/resolution.hpp"

#include "domain/base/errors.hpp"
#include "domain/json/codec.hpp"

#include <utility>

namespace waybill {

namespace {

failure not_answered_yet() {
  return {ec::unavailable, "the payment provider has not answered yet; it is safe to try again"};
}

} // namespace

order_resolution::order_resolution(order::status outcome, std::string reason, const order::deadlines& limits,
                                   milliseconds timeout)
  : limits_(limits), times_{limits.reserve, timeout} {
  facts_.outcome = outcome;
  facts_.reason = std::move(reason);
}

order_resolution::next_action order_resolution::begin(const order::state& order, timestamp now) {
  const auto allowed = order::decide(order, facts_, now, limits_);
  if (!allowed)
    return refuse(allowed.error());
  if (allowed->empty())
    return {};
  // A delivery that was never requested is closed too, so that a request which is still under way is refused.
  return ask(stage::closing_delivery, order::step::cancel_delivery, order, now);
}

order_resolution::next_action order_resolution::on_answer(const order::state& order, timestamp now,
                                                          const delivery::state& delivery) {
  switch (delivery.status) {
    case delivery::status::completed: facts_.fulfillment = order::fulfillment_status::delivered; break;
    case delivery::status::failed: facts_.fulfillment = order::fulfillment_status::failed; break;
    case delivery::status::cancelled: facts_.fulfillment = order::fulfillment_status::cancelled; break;
    default: return contradict(order, "a courier is under way with it");
  }
  return return_leftover(order, now);
}

order_resolution::next_action order_resolution::on_answer(const order::state& order, timestamp now,
                                                          const payment::state& payment) {
  if (stage_ == stage::returning_payment) {
    if (payment.status != payment::status::voided && payment.status != payment::status::declined)
      return refuse(not_answered_yet());
    return ask(stage::returning_stock, order::step::return_stock, order, now);
  }
  switch (payment.status) {
    case payment::status::captured: facts_.payment = order::payment_status::captured; break;
    case payment::status::voided: facts_.payment = order::payment_status::voided; break;
    case payment::status::declined: facts_.payment = order::payment_status::declined; break;
    default: return refuse(not_answered_yet());
  }
  facts_.captured = payment.captured;
  // The stock is not touched for an outcome that the money contradicts.
  if (const auto allowed = order::decide(order, facts_, now, limits_); !allowed)
    return refuse(allowed.error());
  return close_stock(order, now);
}

order_resolution::next_action order_resolution::on_answer(const order::state& order, timestamp now,
                                                          const stock_answer&) {
  return one_answered(order, now);
}

order_resolution::next_action order_resolution::on_failure(const order::state& order, timestamp now,
                                                           const failure& reason) {
  const bool not_possible = reason.code == ec::illegal_transition;
  if (stage_ == stage::over)
    return {};
  if (stage_ == stage::closing_delivery && not_possible)
    return ask(stage::reading_delivery, order::step::await_delivery, order, now);
  if (stage_ == stage::closing_payment && not_possible)
    return ask(stage::reading_payment, {get_payment_of(order)});
  if (stage_ == stage::closing_payment && reason.code == ec::provider_refused)
    return contradict(order, "its authorisation is open, and " + reason.detail);
  // The reservation had run out and the goods are sold: nothing is held, and the count is the operator's.
  const bool nothing_held = reason.code == ec::out_of_stock || reason.code == ec::not_found;
  if (stage_ == stage::closing_stock && nothing_held)
    return one_answered(order, now);
  return refuse(reason);
}

// -- stages -----------------------------------------------------------------------------------------------------------

order_resolution::next_action order_resolution::ask(stage next, std::vector<order_request> requests) {
  stage_ = next;
  outstanding_ = requests.size();
  return requests;
}

order_resolution::next_action order_resolution::ask(stage next, order::step step, const order::state& order,
                                                    timestamp now) {
  return ask(next, requests_of(step, order, now, times_));
}

order_resolution::next_action order_resolution::return_leftover(const order::state& order, timestamp now) {
  const auto& revisions = order.revisions;
  if (!revisions || !revisions->leftover)
    return ask(stage::closing_payment, order::step::void_payment, order, now);
  if (revisions->leftover->payment)
    return ask(stage::returning_payment, order::step::return_payment, order, now);
  return ask(stage::returning_stock, order::step::return_stock, order, now);
}

/// What a completed order reserved has left the house; what a cancelled one reserved is there for others. Goods that
/// were taken before stay taken: only the operator can count them in again.
order_resolution::next_action order_resolution::close_stock(const order::state& order, timestamp now) {
  const bool completed = facts_.outcome == order::status::completed;
  return ask(stage::closing_stock, completed ? order::step::commit_stock : order::step::release_stock, order, now);
}

/// One of the products has answered.
order_resolution::next_action order_resolution::one_answered(const order::state& order, timestamp now) {
  if (stage_ == stage::over || --outstanding_ > 0)
    return {};
  if (stage_ == stage::returning_stock)
    return ask(stage::closing_payment, order::step::void_payment, order, now);
  stage_ = stage::over;
  return facts_;
}

order_resolution::next_action order_resolution::refuse(failure reason) {
  stage_ = stage::over;
  return reason;
}

/// Refuses an outcome that the delivery or the payment contradicts.
order_resolution::next_action order_resolution::contradict(const order::state& order, const std::string& because) {
  return refuse(
    {ec::illegal_transition, order.id.value + " cannot be " + std::string{name_of(facts_.outcome)} + ": " + because});
}

} // namespace waybill
