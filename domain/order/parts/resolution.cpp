#include "domain/base/errors.hpp"
#include "domain/base/transitions.hpp"
#include "domain/order/parts.hpp"

#include <algorithm>

namespace waybill::order {

namespace {

/// Where a retry leads. Old states do not say it: these go where every step is harmless, to asking for the delivery
/// that was requested, or to giving back what the order may hold.
status status_before_attention(const state& s) {
  if (s.attention && s.attention->from != status::none)
    return s.attention->from;
  const bool dispatched = s.fulfillment_status == fulfillment_status::requested || is_delivered(s);
  return dispatched ? status::fulfilling : status::cancelling;
}

/// Why the order cannot end so; empty when it can.
std::string_view objection_to(const state& current, const resolve& cmd) {
  const bool taken = cmd.payment == payment_status::captured;
  if (!taken && cmd.payment != payment_status::voided && cmd.payment != payment_status::declined)
    return "its payment is still open";
  if (cmd.captured.amount < 0 || cmd.captured.amount > (taken ? current.total.amount : 0))
    return "what is captured is not 0 to its total";
  if (cmd.fulfillment == fulfillment_status::none || cmd.fulfillment == fulfillment_status::requested)
    return "its delivery is still open";
  if (cmd.outcome == status::cancelled && taken)
    return "its money is captured: it can only be completed";
  if (cmd.outcome == status::completed && status_before_attention(current) == status::placed)
    return "its stock or its payment was refused: it can only be cancelled";
  return {};
}

/// What was authorised and is not captured.
money voided_by(const state& current, const resolve& cmd) {
  return {std::max<std::int64_t>(0, current.authorized.amount - cmd.captured.amount), current.authorized.currency};
}

attention& mark_of(state& current) {
  return current.attention ? *current.attention : current.attention.emplace();
}

} // namespace

std::string_view row_of(const retried& e) noexcept {
  switch (e.to) {
    case status::placed: return rows::retried_placed;
    case status::confirmed: return rows::retried_confirmed;
    case status::fulfilling: return rows::retried_fulfilling;
    default: return rows::retried_cancelling;
  }
}

std::string_view row_of(const resolved& e) noexcept {
  return e.outcome == status::completed ? rows::resolved_completed : rows::resolved_cancelled;
}

// -- deciding ---------------------------------------------------------------------------------------------------------

decision decide_part(const state& current, const retry& cmd, timestamp now, const deadlines& limits) {
  const bool is_repeated = current.attention && !cmd.intent.empty() && current.attention->last_retry == cmd.intent;
  if (is_repeated || (current.status != status::none && !is_at_rest(current.status)))
    return events{};
  const auto to = status_before_attention(current);
  const auto within = to != status::fulfilling ? limits.compensate
                      : is_delivered(current)  ? limits.settle
                                               : limits.deliver;
  const auto step = current.attention ? current.attention->step : std::string{};
  retried retry_event{to, step, cmd.reason, cmd.intent, now + within};
  if (!next_status(current.status, row_of(retry_event)))
    return illegal<status>(row_of(retry_event), current.status, to);
  return events{std::move(retry_event)};
}

decision decide_part(const state& current, const resolve& cmd, timestamp, const deadlines&) {
  if (cmd.outcome != status::completed && cmd.outcome != status::cancelled)
    return failure{ec::invalid_argument, "an order is resolved as completed or as cancelled"};
  if (current.status == cmd.outcome)
    return events{};
  if (cmd.reason.empty())
    return failure{ec::invalid_argument, "whoever resolves an order says why"};
  resolved settled{cmd.outcome, cmd.reason, cmd.payment, voided_by(current, cmd), cmd.captured, cmd.fulfillment};
  const auto row = row_of(settled);
  if (!next_status(current.status, row))
    return illegal<status>(row, current.status, cmd.outcome);
  if (const auto because = objection_to(current, cmd); !because.empty())
    return illegal<status>(row, current.status, cmd.outcome, because);
  if (cmd.outcome == status::completed)
    return events{std::move(settled), completed{}};
  return events{std::move(settled), cancelled{cmd.reason}};
}

// -- applying ---------------------------------------------------------------------------------------------------------

void apply_part(state& current, const needs_attention& e, timestamp) {
  auto& mark = mark_of(current);
  mark.from = current.status;
  mark.step = e.step;
  mark.reason_before = current.reason;
  current.reason = e.reason;
}

void apply_part(state& current, const retried& e, timestamp) {
  auto& mark = mark_of(current);
  if (mark.from != status::none)
    current.reason = mark.reason_before;
  mark.last_retry = e.intent;
  ++mark.retries;
  current.step_by = e.step_by;
}

void apply_part(state& current, const resolved& e, timestamp) {
  mark_of(current).resolved = true;
  current.reason = e.reason;
  current.payment_status = e.payment;
  current.captured.amount = current.authorized.amount = e.captured.amount;
  current.fulfillment_status = e.fulfillment;
  current.stock_reserved = false;
  if (current.revisions)
    current.revisions->leftover.reset();
}

} // namespace waybill::order
