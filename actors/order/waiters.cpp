#include "actors/order/waiters.hpp"

#include "domain/base/enum_name.hpp"
#include "domain/base/errors.hpp"

namespace waybill {

namespace {

failure failure_of(const order::refused_revision& refused) {
  switch (refused.because) {
    case order::refusal::out_of_stock: return {ec::out_of_stock, refused.detail};
    case order::refusal::payment_declined: return {ec::provider_refused, "the payment was declined: " + refused.detail};
    case order::refusal::too_late:
      return {ec::provider_refused, "the change could not be made in time: " + refused.detail};
    case order::refusal::order_ended:
      return {ec::illegal_transition, "the order was cancelled or rejected in the meantime"};
  }
  return {ec::internal, refused.detail};
}

struct condition_check {
  const order::state& order;

  wait_outcome operator()(until_settled) const { return {order::is_settled(order)}; }
  wait_outcome operator()(until_at_rest) const { return {order::is_at_rest(order.status)}; }
  wait_outcome operator()(until_cancelled) const {
    switch (order.status) {
      case order::status::cancelling: return {};
      case order::status::cancelled:
      case order::status::needs_attention: return {true};
      default: return {true, too_late_to_cancel(order)};
    }
  }
  wait_outcome operator()(until_revised condition) const {
    const auto& revisions = order.revisions;
    if (revisions && revisions->wanted && revisions->wanted->number == condition.number)
      return {};
    if (revisions && revisions->refused && revisions->refused->number == condition.number)
      return {true, failure_of(*revisions->refused)};
    return {true};
  }
};

} // namespace

failure too_late_to_cancel(const order::state& order) {
  return {ec::illegal_transition, order.id.value + " cannot be cancelled in status "
                                    + std::string{name_of(order.status)} + ": a courier is under way"};
}

wait_outcome outcome_of(const wait_condition& condition, const order::state& order) {
  return std::visit(condition_check{order}, condition);
}

} // namespace waybill
