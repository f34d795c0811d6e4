#include "domain/order/order.hpp"

#include "domain/base/transitions.hpp"
#include "domain/order/changes.hpp"
#include "domain/order/resolution.hpp"

#include <algorithm>
#include <array>

namespace waybill::order {

namespace {

using events = std::vector<event>;
using outcome = result<events>;

constexpr std::size_t max_lines = 100;
constexpr std::int64_t max_quantity = 10'000;

constexpr std::array transitions{
  transition<status>{placed::type, {status::none}, status::placed},
  transition<status>{stock_reserved::type, {status::placed}, status::placed},
  transition<status>{stock_rejected::type, {status::placed}, status::placed},
  transition<status>{payment_authorized::type, {status::placed}, status::placed},
  transition<status>{payment_declined::type, {status::placed}, status::placed},
  transition<status>{payment_unknown::type, {status::placed}, status::placed},
  transition<status>{confirmed::type, {status::placed}, status::confirmed},
  transition<status>{rejected::type, {status::placed}, status::rejected},
  transition<status>{fulfillment_started::type, {status::confirmed}, status::fulfilling},
  transition<status>{delivered::type, {status::fulfilling}, status::fulfilling},
  transition<status>{payment_captured::type, {status::fulfilling}, status::fulfilling},
  transition<status>{completed::type, {status::fulfilling}, status::completed},
  transition<status>{
    cancel_requested::type, {status::placed, status::confirmed, status::fulfilling}, status::cancelling},
  transition<status>{compensated::type, {status::cancelling}, status::cancelling},
  transition<status>{cancelled::type, {status::cancelling}, status::cancelled},
  transition<status>{needs_attention::type,
                     {status::placed, status::confirmed, status::fulfilling, status::cancelling},
                     status::needs_attention},
  transition<status>{rows::retried_placed, {status::needs_attention}, status::placed},
  transition<status>{rows::retried_confirmed, {status::needs_attention}, status::confirmed},
  transition<status>{rows::retried_fulfilling, {status::needs_attention}, status::fulfilling},
  transition<status>{rows::retried_cancelling, {status::needs_attention}, status::cancelling},
  // The end itself is told by the event that always tells it: `completed` or `cancelled` comes with them.
  transition<status>{rows::resolved_completed, {status::needs_attention}, status::fulfilling},
  transition<status>{rows::resolved_cancelled, {status::needs_attention}, status::cancelling},
  transition<status>{refund_requested::type, {status::completed}, status::completed},
  transition<status>{refunded::type, {status::completed}, status::completed},
  transition<status>{refund_declined::type, {status::completed}, status::completed},
  // Before the dispatch; none of these moves the order.
  transition<status>{held::type, {status::placed}, status::placed},
  transition<status>{held::type, {status::confirmed}, status::confirmed},
  transition<status>{released::type, {status::placed}, status::placed},
  transition<status>{released::type, {status::confirmed}, status::confirmed},
  transition<status>{changed::type, {status::placed}, status::placed},
  transition<status>{changed::type, {status::confirmed}, status::confirmed},
  transition<status>{revision_requested::type, {status::placed}, status::placed},
  transition<status>{revision_requested::type, {status::confirmed}, status::confirmed},
  transition<status>{revision_refused::type, {status::placed}, status::placed},
  transition<status>{revision_refused::type, {status::confirmed}, status::confirmed},
  transition<status>{revised::type, {status::confirmed}, status::confirmed},
  transition<status>{revision_closed::type, {status::confirmed}, status::confirmed},
};

template <class Event>
std::string_view row_of(const Event&) noexcept {
  return Event::type;
}

/// The provider may hold an authorisation, or may yet get a request for one.
bool payment_may_be_open(const state& s) {
  return s.payment_status != payment_status::declined
         && (s.stock_reserved || s.payment_status != payment_status::pending);
}

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

std::string step_name(const state& s) {
  const auto steps = due_steps(s);
  return steps.empty() ? std::string{} : std::string{codec::enum_name(steps.front())};
}

struct decider {
  const state& current;
  timestamp now;
  const deadlines& limits;

  /// The events, if the table allows the first of them now; those that follow are written together with it.
  template <class First, class... Rest>
  outcome emit(First first, Rest... rest) const {
    if (!next_status(current.status, First::type))
      return refuse<First>();
    events out;
    out.reserve(1 + sizeof...(rest));
    if constexpr (
      std::is_same_v<
        First, stock_rejected> || std::is_same_v<First, payment_declined> || std::is_same_v<First, cancel_requested>)
      end_revision(out);
    out.emplace_back(std::move(first));
    (out.emplace_back(std::move(rest)), ...);
    return out;
  }

  /// An order that goes the way back takes no other lines any more.
  void end_revision(events& out) const {
    if (current.revisions && current.revisions->wanted)
      out.emplace_back(
        revision_refused{current.revisions->wanted->number, refusal::order_ended, "", now + limits.compensate});
  }

  template <class Event>
  failure refuse(std::string_view because = {}) const {
    return illegal<status>(transitions, Event::type, current.status, because);
  }

  bool is_one_of(status_set<status> statuses) const { return statuses.contains(current.status); }

  cancel_requested cancellation(std::string reason, bool undeliverable) const {
    return {std::move(reason), undeliverable, now + limits.compensate};
  }

  confirmed confirmation() const {
    auto next = current;
    if (limits.grace > milliseconds{0})
      next.dispatch_at = now + limits.grace;
    const bool revises = is_revising(current);
    return {revises ? now + limits.revise : dispatch_by(next, now, limits), next.dispatch_at};
  }

  outcome operator()(const place& cmd) const {
    if (current.status != status::none) {
      if (cmd.fingerprint == current.fingerprint)
        return events{};
      return failure{ec::idempotency_key_reused, "the order was placed by another request"};
    }
    const auto total = total_of(cmd.lines);
    if (!total)
      return total.error();
    return emit(placed{cmd.order, cmd.customer, cmd.lines, *total, cmd.payment, cmd.delivery, cmd.note, cmd.fingerprint,
                       now + limits.reserve});
  }

  outcome operator()(const record_stock_reserved&) const {
    if (current.stock_reserved)
      return events{};
    if (is_rejecting(current))
      return refuse<stock_reserved>("it is being rejected");
    return emit(stock_reserved{now + limits.authorize});
  }

  outcome operator()(const record_stock_rejected& cmd) const {
    if (current.stock_reserved)
      return refuse<stock_rejected>("its stock is reserved");
    if (is_rejecting(current) || (current.status == status::rejected && current.reason == "out_of_stock"))
      return events{};
    return emit(stock_rejected{cmd.product, cmd.requested, cmd.available, now + limits.compensate});
  }

  outcome operator()(const record_payment_authorized& cmd) const {
    const bool known =
      current.payment_status == payment_status::authorized || current.payment_status == payment_status::captured;
    if (known && is_one_of({status::confirmed, status::fulfilling, status::completed}))
      return events{};
    if (current.status == status::placed && (is_rejecting(current) || !current.stock_reserved))
      return refuse<payment_authorized>(is_rejecting(current) ? "it is being rejected" : "no stock is reserved");
    if (current.status == status::placed && cmd.amount != current.total)
      return failure{ec::invalid_argument, "the authorised amount is not the order's total"};
    return emit(payment_authorized{cmd.amount}, confirmation());
  }

  outcome operator()(const record_payment_declined& cmd) const {
    if (current.payment_status == payment_status::declined && is_one_of({status::placed, status::rejected}))
      return events{};
    if (current.status == status::placed && (is_rejecting(current) || !current.stock_reserved))
      return refuse<payment_declined>(is_rejecting(current) ? "it is being rejected" : "no stock is reserved");
    return emit(payment_declined{cmd.reason.empty() ? "payment_declined" : cmd.reason, now + limits.compensate});
  }

  outcome operator()(const record_payment_unknown&) const {
    if (current.status == status::placed && current.payment_status == payment_status::unknown)
      return events{};
    if (current.status == status::placed && (is_rejecting(current) || !current.stock_reserved))
      return refuse<payment_unknown>(is_rejecting(current) ? "it is being rejected" : "no stock is reserved");
    return emit(payment_unknown{});
  }

  outcome operator()(const record_fulfillment_started& cmd) const {
    if (is_one_of({status::fulfilling, status::completed}))
      return events{};
    if (current.status == status::confirmed && (current.hold || is_revising(current)))
      return refuse<fulfillment_started>(current.hold ? "it is held" : "its lines are being revised");
    return emit(fulfillment_started{cmd.delivery, now + limits.deliver});
  }

  outcome operator()(const record_delivered& cmd) const {
    if (is_delivered(current) && is_one_of({status::fulfilling, status::completed}))
      return events{};
    return emit(delivered{cmd.courier, now + limits.settle});
  }

  outcome operator()(const record_delivery_failed& cmd) const {
    if (is_one_of({status::cancelling, status::cancelled}) && current.fulfillment_status == fulfillment_status::failed)
      return events{};
    if (current.status == status::placed)
      return refuse<cancel_requested>("no delivery was requested");
    if (is_delivered(current))
      return refuse<cancel_requested>("it is delivered");
    return emit(cancellation(cmd.reason, true));
  }

  outcome operator()(const record_settled& cmd) const {
    if (current.status == status::completed)
      return events{};
    if (current.status == status::fulfilling && !is_delivered(current))
      return refuse<payment_captured>("it is not delivered");
    if (current.status == status::fulfilling && cmd.captured != current.authorized)
      return failure{ec::invalid_argument, "the captured amount is not the authorised one"};
    return emit(payment_captured{cmd.captured}, completed{});
  }

  outcome operator()(const request_cancel& cmd) const {
    if (is_one_of({status::cancelling, status::cancelled}))
      return events{};
    if (is_rejecting(current))
      return refuse<cancel_requested>("it is being rejected");
    if (is_delivered(current))
      return refuse<cancel_requested>("it is delivered");
    return emit(cancellation(cmd.reason, false));
  }

  outcome operator()(const record_compensated& cmd) const {
    if (is_one_of({status::rejected, status::cancelled}))
      return events{};
    if (is_rejecting(current))
      return emit(rejected{current.reason});
    if (current.status == status::cancelling
        && (cmd.refunded.amount < 0 || cmd.refunded.amount > current.captured.amount))
      return failure{ec::invalid_argument, "what is refunded is 0 to what was captured"};
    return emit(compensated{cmd.voided, cmd.refunded}, cancelled{current.reason});
  }

  outcome operator()(const give_up_step& cmd) const {
    if (is_at_rest(current.status))
      return events{};
    if (current.status == status::confirmed && is_revising(current)) {
      if (current.revisions->wanted)
        return (*this)(record_revision_refused{current.revisions->wanted->number, refusal::too_late, cmd.reason});
      return emit(needs_attention{step_name(current), cmd.reason});
    }
    if (is_one_of({status::placed, status::confirmed}) && !is_rejecting(current))
      return emit(cancellation(cmd.reason, false));
    return emit(needs_attention{step_name(current), cmd.reason});
  }

  outcome operator()(const retry& cmd) const { return decide_repair(current, cmd, now, limits); }
  outcome operator()(const resolve& cmd) const { return decide_repair(current, cmd); }

  template <class Command>
  outcome operator()(const Command& cmd) const {
    if constexpr (requires { decide_change(current, cmd); })
      return decide_change(current, cmd);
    else
      return decide_change(current, cmd, now, limits);
  }
};

struct applier {
  state& current;
  timestamp at;

  void operator()(const placed& e) const {
    current.id = e.order;
    current.customer = e.customer;
    current.lines = e.lines;
    current.total = e.total;
    current.payment = e.payment;
    current.delivery = e.delivery;
    current.note = e.note;
    current.fingerprint = e.fingerprint;
    current.authorized = current.captured = current.refunded = {0, e.total.currency};
    current.step_by = e.step_by;
  }
  void operator()(const stock_reserved& e) const {
    current.stock_reserved = true;
    current.step_by = e.step_by;
  }
  void operator()(const stock_rejected& e) const {
    current.reason = "out_of_stock";
    current.step_by = e.step_by;
  }
  void operator()(const payment_authorized& e) const {
    current.payment_status = payment_status::authorized;
    current.authorized = e.amount;
  }
  void operator()(const payment_declined& e) const {
    current.payment_status = payment_status::declined;
    current.reason = e.reason;
    current.step_by = e.step_by;
  }
  void operator()(const payment_unknown&) const { current.payment_status = payment_status::unknown; }
  void operator()(const confirmed& e) const {
    current.step_by = e.step_by;
    current.dispatch_at = e.dispatch_at;
  }
  void operator()(const rejected& e) const {
    current.reason = e.reason;
    current.stock_reserved = false;
  }
  void operator()(const fulfillment_started& e) const {
    current.fulfillment_status = fulfillment_status::requested;
    current.step_by = e.step_by;
  }
  void operator()(const delivered& e) const {
    current.fulfillment_status = fulfillment_status::delivered;
    current.courier = e.courier;
    current.step_by = e.step_by;
  }
  void operator()(const payment_captured& e) const {
    current.payment_status = payment_status::captured;
    current.captured = e.amount;
  }
  void operator()(const completed&) const { current.stock_reserved = false; }
  void operator()(const cancel_requested& e) const {
    current.reason = e.reason;
    if (e.undeliverable)
      current.fulfillment_status = fulfillment_status::failed;
    current.step_by = e.step_by;
  }
  void operator()(const compensated& e) const {
    current.refunded.amount = std::min(current.refunded.amount + e.refunded.amount, current.captured.amount);
    if (!current.refunded.is_zero())
      current.payment_status = payment_status::refunded;
    else if (payment_may_be_open(current))
      current.payment_status = payment_status::voided;
    // What is captured stays authorised: refunded <= captured <= authorised holds at every time.
    current.authorized.amount = current.captured.amount;
    current.stock_reserved = false;
    if (current.revisions)
      current.revisions->leftover.reset();
    if (current.fulfillment_status == fulfillment_status::requested)
      current.fulfillment_status = fulfillment_status::cancelled;
  }
  void operator()(const cancelled& e) const { current.reason = e.reason; }
  void operator()(const needs_attention& e) const { apply_repair(current, e); }
  void operator()(const retried& e) const { apply_repair(current, e); }
  void operator()(const resolved& e) const { apply_repair(current, e); }

  template <class Event>
  void operator()(const Event& e) const {
    if constexpr (requires { apply_change(current, e, at); })
      apply_change(current, e, at);
    else
      apply_change(current, e);
  }
};

} // namespace

bool is_rejecting(const state& s) noexcept {
  return s.status == status::placed && (!s.reason.empty() || s.payment_status == payment_status::declined);
}

result<money> total_of(const std::vector<line>& lines) {
  if (lines.empty() || lines.size() > max_lines)
    return failure{ec::invalid_argument, "an order has 1 to 100 lines"};
  money total;
  for (const auto& one : lines) {
    if (one.quantity < 1 || one.quantity > max_quantity)
      return failure{ec::invalid_argument, "a quantity is 1 to 10,000"};
    if (one.unit_price.amount < 0 || !is_currency(one.unit_price.currency))
      return failure{ec::invalid_argument, "the price of " + one.product.value + " is not valid"};
    const auto price = multiply(one.unit_price, one.quantity);
    if (!price)
      return price.error();
    auto sum = add(total, *price);
    if (!sum)
      return sum.error();
    total = std::move(*sum);
  }
  return total;
}

bool has_work(const state& current) noexcept {
  if (current.status == status::none)
    return false;
  const auto& refunds = refunds_of(current);
  return !is_at_rest(current.status) || std::any_of(refunds.begin(), refunds.end(), [](const refund& one) {
    return one.status == refund_status::pending;
  });
}

bool is_final(status s) noexcept {
  return s == status::completed || s == status::rejected || s == status::cancelled;
}

bool is_at_rest(status s) noexcept {
  return is_final(s) || s == status::needs_attention;
}

bool is_settled(status s) noexcept {
  return s != status::none && s != status::placed;
}

std::optional<status> next_status(status from, std::string_view type) noexcept {
  return find_transition<status>(transitions, from, type);
}

result<std::vector<event>> decide(const state& current, const command& cmd, timestamp now, const deadlines& limits) {
  return std::visit(decider{current, now, limits}, cmd);
}

void apply(state& current, const event& what, timestamp at) {
  const auto next =
    std::visit([&](const auto& e) { return next_status(current.status, row_of(e)).value_or(current.status); }, what);
  std::visit(applier{current, at}, what);
  current.status = next;
  if (is_at_rest(next))
    current.step_by.reset();
  // Who looks at an order that needs attention has not released it.
  if (next != status::placed && next != status::confirmed && next != status::needs_attention)
    current.hold.reset();
  touch(current, at);
}

std::vector<step> due_steps(const state& current) {
  switch (current.status) {
    case status::placed:
      if (is_rejecting(current))
        return {step::release_stock};
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
        for (const auto one : revision_steps(*current.revisions))
          steps.push_back(one);
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

} // namespace waybill::order
