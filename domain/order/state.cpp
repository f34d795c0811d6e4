#include "domain/order/state.hpp"

#include "domain/order/parts.hpp"

#include <algorithm>

namespace waybill::order {

bool is_final(status s) noexcept {
  return s == status::completed || s == status::rejected || s == status::cancelled;
}

bool is_at_rest(status s) noexcept {
  return is_final(s) || s == status::needs_attention;
}

bool is_settled(status s) noexcept {
  return s != status::none && s != status::placed;
}

bool is_settled(const state& s) noexcept {
  return is_settled(s.status) || (awaits_payer(s) && s.stock_reserved);
}

bool is_rejecting(const state& s) noexcept {
  return s.status == status::placed && (!s.reason.empty() || s.payment_status == payment_status::declined);
}

bool payment_may_be_open(const state& s) noexcept {
  return s.payment_status != payment_status::declined && s.payment_status != payment_status::awaiting
         && (s.stock_reserved || s.payment_status != payment_status::pending);
}

bool has_work(const state& current) noexcept {
  if (current.status == status::none)
    return false;
  const auto& refunds = refunds_of(current);
  return !is_at_rest(current.status) || std::any_of(refunds.begin(), refunds.end(), [](const refund& x) {
    return x.status == refund_status::pending;
  });
}

void upcast(state& current) noexcept {
  if (current.status != status::rejected && current.status != status::cancelled)
    return;
  if (current.payment_status == payment_status::pending || current.payment_status == payment_status::unknown
      || current.payment_status == payment_status::awaiting)
    current.payment_status = payment_status::voided;
  if (current.fulfillment_status == fulfillment_status::none
      || current.fulfillment_status == fulfillment_status::requested)
    current.fulfillment_status = fulfillment_status::cancelled;
}

} // namespace waybill::order
