#include "domain/order/parts.hpp"

#include <algorithm>

namespace waybill::order {

namespace {

/// The delivery was asked for, or may have been: that is recorded only after the answer, so an order which was
/// confirmed cannot know. Cancelling a delivery that never was closes it, so that a request still under way is refused.
bool delivery_may_be_open(const state& s) {
  return s.fulfillment_status == fulfillment_status::requested
         || (s.fulfillment_status == fulfillment_status::none && s.payment_status == payment_status::authorized);
}

std::vector<step> revision_steps(const revisions& known) {
  std::vector<step> steps;
  if (known.wanted) {
    steps.push_back(step::reserve_revision);
    if (known.wanted->pays)
      steps.push_back(step::authorize_revision);
  } else {
    if (known.leftover->payment)
      steps.push_back(step::return_payment);
    steps.push_back(step::return_stock);
  }
  return steps;
}

} // namespace

std::vector<step> due_steps(const state& current) {
  switch (current.status) {
    case status::placed:
      if (is_rejecting(current))
        return {step::release_stock};
      if (current.stock_reserved && awaits_payer(current))
        return {};
      return {current.stock_reserved ? step::authorize_payment : step::reserve_stock};
    case status::confirmed:
      if (is_revising(current))
        return revision_steps(*current.revisions);
      if (current.hold)
        return {};
      return {step::request_delivery};
    case status::fulfilling:
      if (is_delivered(current))
        return {step::capture_payment, step::commit_stock};
      return {step::await_delivery};
    case status::cancelling: {
      std::vector<step> steps;
      if (delivery_may_be_open(current))
        steps.push_back(step::cancel_delivery);
      if (payment_may_be_open(current))
        steps.push_back(step::void_payment);
      steps.push_back(step::release_stock);
      if (is_revising(current))
        for (const auto step : revision_steps(*current.revisions))
          steps.push_back(step);
      return steps;
    }
    case status::completed:
      if (has_work(current))
        return {step::refund_payment};
      return {};
    case status::none:
    case status::rejected:
    case status::cancelled:
    case status::needs_attention: return {};
  }
  return {};
}

bool can_still_be_delivered(const state& current) noexcept {
  return current.status == status::cancelling && current.payment_status == payment_status::authorized
         && delivery_may_be_open(current) && !is_revising(current);
}

timestamp step_began(const state& current, const deadlines& limits) noexcept {
  if (!current.step_by)
    return current.updated_at;
  const auto began = [&](milliseconds limit) {
    return std::max(current.created_at, std::min(current.updated_at, *current.step_by - limit));
  };
  switch (current.status) {
    case status::placed:
      return began(is_rejecting(current)     ? limits.compensate
                   : !current.stock_reserved ? limits.reserve
                   : awaits_payer(current)   ? limits.pay
                                             : limits.authorize);
    case status::confirmed:
      if (is_revising(current))
        return began(current.revisions->wanted ? limits.revise : limits.compensate);
      return current.hold ? current.created_at : began(limits.dispatch);
    case status::fulfilling: return began(is_delivered(current) ? limits.settle : limits.deliver);
    default: return began(limits.compensate);
  }
}

} // namespace waybill::order
