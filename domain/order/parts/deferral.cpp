#include "domain/base/enum_name.hpp"
#include "domain/base/errors.hpp"
#include "domain/order/parts.hpp"

namespace waybill::order {

namespace {

/// Why an order cannot be paid.
std::string_view objection(const state& s) {
  if (!s.deferral)
    return "it is not paid later: its payment came with the order";
  if (is_rejecting(s))
    return "it is being rejected";
  if (s.deferral->paid_at)
    return "somebody has paid it already";
  return "";
}

} // namespace

bool awaits_payer(const state& s) noexcept {
  return s.status == status::placed && s.payment_status == payment_status::awaiting && !is_rejecting(s);
}

decision decide_part(const state& s, const pay& cmd, timestamp now, const deadlines& limits) {
  if (s.deferral && s.deferral->paid_at && s.deferral->intent == cmd.intent) {
    if (s.deferral->fingerprint == cmd.fingerprint)
      return events{};
    return failure{ec::idempotency_key_reused, "the key was used before with another payment"};
  }
  if (!awaits_payer(s))
    return refuse(payment_provided::type, s.status, objection(s));
  // Goods that are still being reserved have their own deadline.
  const auto step_by = s.stock_reserved ? now + limits.authorize : s.step_by.value_or(now + limits.reserve);
  return events{payment_provided{cmd.payment, cmd.intent, cmd.fingerprint, cmd.by, step_by}};
}

decision decide_part(const state& s, const record_unpaid&, timestamp now, const deadlines& limits) {
  if (!awaits_payer(s))
    return events{};
  return events{cancel_requested{std::string{unpaid}, false, now + limits.compensate}};
}

void apply_part(state& s, const payment_provided& e, timestamp at) {
  s.payment = e.payment;
  s.payment_status = payment_status::pending;
  s.deferral = deferral{e.intent, e.fingerprint, at, s.version + 1};
  s.step_by = e.step_by;
}

} // namespace waybill::order
