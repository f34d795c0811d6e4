#include "domain/base/currency.hpp"
#include "domain/base/errors.hpp"
#include "domain/base/transitions.hpp"
#include "domain/order/parts.hpp"

#include <algorithm>

namespace waybill::order {

namespace {

/// Bounds the size of the order's state.
constexpr std::size_t max_refunds = 100;

const refund* find(const state& s, const refund_id& id) {
  const auto& all = refunds_of(s);
  const auto match = std::find_if(all.begin(), all.end(), [&](const refund& x) { return x.id == id; });
  return match == all.end() ? nullptr : &*match;
}

/// What is captured and neither refunded nor requested to be.
money refundable(const state& s) {
  auto left = s.captured;
  left.amount -= s.refunded.amount;
  for (const auto& refund : refunds_of(s))
    if (refund.status == refund_status::pending)
      left.amount -= refund.amount.amount;
  return left;
}

failure forbidden(const state& s, std::string_view because) {
  return illegal(refund_requested::type, s.status, s.status, because);
}

/// Records the outcome of a refund that was requested. An outcome that is recorded already must be the same, `status`.
template <class Event>
decision settle(const state& s, const refund_id& id, refund_status status, Event event) {
  const auto* refund = find(s, id);
  if (refund == nullptr)
    return failure{ec::not_found, "there is no refund " + id.value};
  if (refund->status == status)
    return events{};
  if (refund->status != refund_status::pending)
    return illegal(Event::type, s.status, s.status, "its outcome is known already");
  return events{std::move(event)};
}

void close(state& s, const refund_id& id, refund_status status, timestamp at, const std::string& reason = {}) {
  if (!s.refunds)
    return;
  for (auto& refund : *s.refunds) {
    if (refund.id != id)
      continue;
    refund.status = status;
    refund.decline_reason = reason;
    refund.settled_at = at;
    refund.settled_version = s.version + 1;
  }
}

} // namespace

const std::vector<refund>& refunds_of(const state& current) noexcept {
  static const std::vector<refund> none;
  return current.refunds ? *current.refunds : none;
}

decision decide_part(const state& s, const request_refund& cmd, timestamp, const deadlines&) {
  if (const auto* earlier = find(s, cmd.refund)) {
    const bool same =
      earlier->whole == !cmd.amount && earlier->reason == cmd.reason && (!cmd.amount || *cmd.amount == earlier->amount);
    if (same)
      return events{};
    return failure{ec::idempotency_key_reused, "the refund was requested with another amount or reason"};
  }
  if (s.status != status::completed)
    return forbidden(s, "only a completed order is refunded");
  const auto left = refundable(s);
  if (left.amount < 1)
    return forbidden(s, "nothing is left to refund");
  if (refunds_of(s).size() >= max_refunds)
    return forbidden(s, "it was refunded too often");
  const auto amount = cmd.amount.value_or(left);
  if (amount.currency != left.currency)
    return failure{ec::invalid_argument, "the order was paid in " + left.currency};
  if (amount.amount < 1 || amount.amount > left.amount)
    return failure{ec::invalid_argument, "a refund is more than nothing and at most what is left, " + to_text(left)};
  return events{refund_requested{cmd.refund, amount, !cmd.amount, cmd.reason, cmd.by}};
}

decision decide_part(const state& s, const record_refunded& cmd, timestamp, const deadlines&) {
  const auto* refund = find(s, cmd.refund);
  return settle(s, cmd.refund, refund_status::refunded, refunded{cmd.refund, refund ? refund->amount : money{}});
}

decision decide_part(const state& s, const record_refund_declined& cmd, timestamp, const deadlines&) {
  return settle(s, cmd.refund, refund_status::declined, refund_declined{cmd.refund, cmd.reason});
}

void apply_part(state& s, const refund_requested& e, timestamp at) {
  refund requested{e.refund, e.amount, e.whole, e.reason, e.by, refund_status::pending, {}, at, std::nullopt};
  requested.requested_version = s.version + 1;
  (s.refunds ? *s.refunds : s.refunds.emplace()).push_back(std::move(requested));
}

void apply_part(state& s, const refunded& e, timestamp at) {
  close(s, e.refund, refund_status::refunded, at);
  s.refunded.amount = std::min(s.refunded.amount + e.amount.amount, s.captured.amount);
  s.payment_status =
    s.refunded.amount == s.captured.amount ? payment_status::refunded : payment_status::partially_refunded;
}

void apply_part(state& s, const refund_declined& e, timestamp at) {
  close(s, e.refund, refund_status::declined, at, e.reason);
}

} // namespace waybill::order
