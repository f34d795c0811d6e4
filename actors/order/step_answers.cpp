#include "actors/order/step_answers.hpp"

#include "actors/order/step_requests.hpp"
#include "domain/base/errors.hpp"
#include "domain/json/codec.hpp"

#include <utility>

namespace waybill {

namespace {

using kind = step_verdict::kind;

step_verdict decided(std::optional<order_record> record) {
  return {kind::decided, std::move(record)};
}

step_verdict done_if(bool done) {
  return {done ? kind::done : kind::again, {}};
}

step_verdict verdict_on_authorization(const order::state& order, const payment::state& payment) {
  auto causation = causation_of(order, order::step::authorize_payment);
  switch (payment.status) {
    case payment::status::authorized:
    case payment::status::capturing:
    case payment::status::captured:
      return decided(order_record{order::record_payment_authorized{payment.authorized}, std::move(causation)});
    case payment::status::declined:
      return decided(order_record{order::record_payment_declined{payment.decline_reason}, std::move(causation)});
    default: break;
  }
  if (payment.under_way && payment.under_way->unknown)
    return {kind::again, order_record{order::record_payment_unknown{}, std::move(causation)}};
  return {};
}

step_verdict verdict_on_new_authorization(const order::state& order, const payment::state& payment) {
  if (payment.status == payment::status::declined)
    return decided(refused_revision(order, order::refusal::payment_declined, payment.decline_reason));
  return done_if(payment.status == payment::status::authorized);
}

/// Deliveries take long: the end comes with delivery_ended, or by asking again.
step_verdict verdict_on_end(const delivery::state& delivery) {
  if (delivery.status == delivery::status::completed)
    return decided(order_record{order::record_delivered{delivery.courier}, delivery.id.value});
  if (!delivery::is_final(delivery.status))
    return {};
  const auto reason = delivery.reason.empty() ? "the delivery was cancelled" : delivery.reason;
  return decided(order_record{order::record_delivery_failed{reason}, delivery.id.value});
}

} // namespace

std::string causation_of(const order::state& order, order::step step) {
  return order.id.value + "/" + std::string{name_of(step)};
}

step_verdict verdict_on(order::step step, const order::state& order, const stock_answer& answer) {
  if (!is_rejection(step, answer))
    return step == order::step::reserve_stock
             ? decided(order_record{order::record_stock_reserved{}, causation_of(order, step)})
             : step_verdict{kind::done, {}};
  if (step == order::step::reserve_revision)
    return decided(
      refused_revision(order, order::refusal::out_of_stock,
                       "of " + answer.product.value + " " + std::to_string(answer.available) + " are available"));
  return decided(order_record{
    order::record_stock_rejected{answer.product, quantity_of(order.lines, answer.product), answer.available},
    causation_of(order, step)});
}

step_verdict verdict_on(order::step step, const order::state& order, const payment::state& payment) {
  switch (step) {
    case order::step::authorize_payment: return verdict_on_authorization(order, payment);
    case order::step::authorize_revision: return verdict_on_new_authorization(order, payment);
    case order::step::capture_payment: return done_if(payment.status == payment::status::captured);
    default: return done_if(payment.status == payment::status::voided || payment.status == payment::status::declined);
  }
}

step_verdict verdict_on(order::step step, const order::state& order, const delivery::state& delivery) {
  switch (step) {
    case order::step::request_delivery:
      return decided(order_record{order::record_fulfillment_started{delivery.id}, causation_of(order, step)});
    case order::step::await_delivery: return verdict_on_end(delivery);
    default: return {kind::done, {}};
  }
}

step_verdict verdict_on_refund(const order::state& order, const refund_id& refund, const payment::state& payment) {
  const auto* known = payment::find_refund(payment, refund);
  if (known == nullptr || known->status == payment::refund_status::pending)
    return {};
  if (known->status == payment::refund_status::declined)
    return decided(declined_refund(order, refund, known->reason));
  return decided(order_record{order::record_refunded{refund}, causation_of(order, order::step::refund_payment)});
}

bool is_rejection(order::step step, const stock_answer& answer) noexcept {
  return !answer.reserved && (step == order::step::reserve_stock || step == order::step::reserve_revision);
}

bool is_permanent(const failure& reason) noexcept {
  switch (reason.code) {
    case ec::illegal_transition:
    case ec::provider_refused:
    case ec::out_of_stock:
    case ec::idempotency_key_reused:
    case ec::not_found:
    case ec::product_withdrawn:
    case ec::invalid_argument: return true;
    default: return false;
  }
}

std::optional<order_record> refused_revision(const order::state& order, order::refusal because,
                                             const std::string& detail) {
  if (!order.revisions || !order.revisions->wanted)
    return std::nullopt;
  return order_record{order::record_revision_refused{order.revisions->wanted->number, because, detail},
                      order.id.value + "/revise"};
}

order_record refused_cancel(const order::state& order, const std::string& reason) {
  return {order::record_cancel_refused{sibling_id<delivery_id>(order.id), reason},
          causation_of(order, order::step::cancel_delivery)};
}

order_record declined_refund(const order::state& order, const refund_id& refund, const std::string& reason) {
  return {order::record_refund_declined{refund, reason}, causation_of(order, order::step::refund_payment)};
}

bool is_compensating(const order::state& order) noexcept {
  return order.status == order::status::cancelling || (order.status == order::status::placed && !order.reason.empty());
}

std::optional<order_record> record_of_all(const order::state& order, const money& captured, const money& voided) {
  if (is_compensating(order))
    return order_record{order::record_compensated{voided, {}}, order.id.value + "/compensate"};
  if (order::is_revising(order)) {
    const auto number = order.revisions->last;
    if (order.revisions->wanted)
      return order_record{order::record_revised{number}, order.id.value + "/revise"};
    return order_record{order::record_revision_closed{number}, order.id.value + "/revise"};
  }
  if (order.fulfillment_status == order::fulfillment_status::delivered)
    return order_record{order::record_settled{captured}, order.id.value + "/settle"};
  return std::nullopt;
}

} // namespace waybill
