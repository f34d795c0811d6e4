#include "domain/base/transitions.hpp"
#include "domain/order/changes.hpp"

#include <algorithm>

namespace waybill::order {

namespace {

using events = std::vector<event>;
using outcome = result<events>;

/// More would make the order's state large for nothing.
constexpr std::size_t max_refunds = 100;

const refund* find(const state& s, const refund_id& id) {
  const auto& all = refunds_of(s);
  const auto found = std::find_if(all.begin(), all.end(), [&](const refund& one) { return one.id == id; });
  return found == all.end() ? nullptr : &*found;
}

/// Captured, not refunded, and not about to be.
money refundable(const state& s) {
  auto left = s.captured;
  left.amount -= s.refunded.amount;
  for (const auto& one : refunds_of(s))
    if (one.status == refund_status::pending)
      left.amount -= one.amount.amount;
  return left;
}

failure forbidden(const state& s, std::string_view because) {
  return illegal(refund_requested::type, s.status, s.status, because);
}

/// The outcome of a refund that was requested; `wanted` is what it must be if it is known already.
template <class Event>
outcome settle(const state& s, const refund_id& id, refund_status wanted, Event event) {
  const auto* known = find(s, id);
  if (known == nullptr)
    return failure{ec::not_found, "there is no refund " + id.value};
  if (known->status == wanted)
    return events{};
  if (known->status != refund_status::pending)
    return illegal(Event::type, s.status, s.status, "its outcome is known already");
  return events{std::move(event)};
}

void close(state& s, const refund_id& id, refund_status how, timestamp at, const std::string& reason = {}) {
  if (!s.refunds)
    return;
  for (auto& one : *s.refunds) {
    if (one.id != id)
      continue;
    one.status = how;
    one.decline_reason = reason;
    one.settled_at = at;
    one.settled_version = s.version + 1;
  }
}

} // namespace

const std::vector<refund>& refunds_of(const state& current) noexcept {
  static const std::vector<refund> none;
  return current.refunds ? *current.refunds : none;
}

outcome decide_change(const state& s, const request_refund& cmd) {
  if (const auto* known = find(s, cmd.refund)) {
    const bool same =
      known->whole == !cmd.amount && known->reason == cmd.reason && (!cmd.amount || *cmd.amount == known->amount);
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
    return failure{ec::invalid_argument, "a refund is 1 to what is left, " + std::to_string(left.amount)};
  return events{refund_requested{cmd.refund, amount, !cmd.amount, cmd.reason, cmd.by}};
}

outcome decide_change(const state& s, const record_refunded& cmd) {
  const auto* known = find(s, cmd.refund);
  return settle(s, cmd.refund, refund_status::refunded, refunded{cmd.refund, known ? known->amount : money{}});
}

outcome decide_change(const state& s, const record_refund_declined& cmd) {
  return settle(s, cmd.refund, refund_status::declined, refund_declined{cmd.refund, cmd.reason});
}

void apply_change(state& s, const refund_requested& e, timestamp at) {
  refund one{e.refund, e.amount, e.whole, e.reason, e.by, refund_status::pending, {}, at, std::nullopt};
  one.requested_version = s.version + 1;
  (s.refunds ? *s.refunds : s.refunds.emplace()).push_back(std::move(one));
}

void apply_change(state& s, const refunded& e, timestamp at) {
  close(s, e.refund, refund_status::refunded, at);
  s.refunded.amount = std::min(s.refunded.amount + e.amount.amount, s.captured.amount);
  s.payment_status =
    s.refunded.amount == s.captured.amount ? payment_status::refunded : payment_status::partially_refunded;
}

void apply_change(state& s, const refund_declined& e, timestamp at) {
  close(s, e.refund, refund_status::declined, at, e.reason);
}

} // namespace waybill::order
