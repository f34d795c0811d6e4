#include "domain/base/errors.hpp"
#include "domain/base/transitions.hpp"
#include "domain/order/parts.hpp"

#include <type_traits>

namespace waybill::order {

namespace {

constexpr std::size_t max_lines = 100;
constexpr std::int64_t max_quantity = 10'000;

std::string step_name(const state& s) {
  const auto steps = due_steps(s);
  return steps.empty() ? std::string{} : std::string{waybill::name_of(steps.front())};
}

template <class Event, class... Others>
constexpr bool is_any_of = (std::is_same_v<Event, Others> || ...);

struct decider {
  const state& current;
  timestamp now;
  const deadlines& limits;

  /// The events, if the transition table allows the first of them; the others are written together with it.
  template <class First, class... Rest>
  decision emit(First first, Rest... rest) const {
    if (!next_status(current.status, First::type))
      return refuse<First>();
    events out;
    out.reserve(1 + sizeof...(rest));
    if constexpr (is_any_of<First, stock_rejected, payment_declined, cancel_requested>)
      end_revision(out);
    out.emplace_back(std::move(first));
    (out.emplace_back(std::move(rest)), ...);
    return out;
  }

  /// An order that is being rejected or cancelled gets no other lines any more.
  void end_revision(events& out) const {
    if (current.revisions && current.revisions->wanted)
      out.emplace_back(
        revision_refused{current.revisions->wanted->number, refusal::order_ended, "", now + limits.compensate});
  }

  template <class Event>
  failure refuse(std::string_view because = {}) const {
    return order::refuse(Event::type, current.status, because);
  }

  /// Why a placed order cannot be paid yet; empty when it can.
  [[nodiscard]] std::string_view not_ready() const {
    if (is_rejecting(current))
      return "it is being rejected";
    if (awaits_payer(current))
      return "nobody has paid it yet";
    return current.stock_reserved ? "" : "no stock is reserved";
  }

  [[nodiscard]] bool is_one_of(status_set<status> statuses) const { return statuses.contains(current.status); }

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

  decision operator()(const place& cmd) const {
    if (current.status != status::none) {
      if (cmd.fingerprint == current.fingerprint)
        return events{};
      return failure{ec::idempotency_key_reused, "the order was placed by another request"};
    }
    const auto total = total_of(cmd.lines);
    if (!total)
      return total.error();
    return emit(placed{cmd.order, cmd.customer, cmd.lines, *total, cmd.payment, cmd.delivery, cmd.note, cmd.fingerprint,
                       now + limits.reserve, cmd.payment.method == deferred_method ? std::optional{true} : std::nullopt,
                       cmd.metadata});
  }

  decision operator()(const record_stock_reserved&) const {
    if (current.stock_reserved)
      return events{};
    if (is_rejecting(current))
      return refuse<stock_reserved>("it is being rejected");
    return emit(stock_reserved{now + (awaits_payer(current) ? limits.pay : limits.authorize)});
  }

  decision operator()(const record_stock_rejected& cmd) const {
    if (current.stock_reserved)
      return refuse<stock_rejected>("its stock is reserved");
    if (is_rejecting(current) || (current.status == status::rejected && current.reason == "out_of_stock"))
      return events{};
    return emit(stock_rejected{cmd.product, cmd.requested, cmd.available, now + limits.compensate});
  }

  decision operator()(const record_payment_authorized& cmd) const {
    const bool known =
      current.payment_status == payment_status::authorized || current.payment_status == payment_status::captured;
    if (known && is_one_of({status::confirmed, status::fulfilling, status::completed}))
      return events{};
    if (current.status == status::placed && !not_ready().empty())
      return refuse<payment_authorized>(not_ready());
    if (current.status == status::placed && cmd.amount != current.total)
      return failure{ec::invalid_argument, "the authorised amount is not the order's total"};
    return emit(payment_authorized{cmd.amount}, confirmation());
  }

  decision operator()(const record_payment_declined& cmd) const {
    if (current.payment_status == payment_status::declined && is_one_of({status::placed, status::rejected}))
      return events{};
    if (current.status == status::placed && !not_ready().empty())
      return refuse<payment_declined>(not_ready());
    return emit(payment_declined{cmd.reason.empty() ? "payment_declined" : cmd.reason, now + limits.compensate});
  }

  decision operator()(const record_payment_unknown&) const {
    if (current.status == status::placed && current.payment_status == payment_status::unknown)
      return events{};
    if (current.status == status::placed && !not_ready().empty())
      return refuse<payment_unknown>(not_ready());
    return emit(payment_unknown{});
  }

  decision operator()(const record_fulfillment_started& cmd) const {
    if (is_one_of({status::fulfilling, status::completed}))
      return events{};
    if (current.status == status::confirmed && (current.hold || is_revising(current)))
      return refuse<fulfillment_started>(current.hold ? "it is held" : "its lines are being revised");
    return emit(fulfillment_started{cmd.delivery, now + limits.deliver});
  }

  decision operator()(const record_delivered& cmd) const {
    if (is_delivered(current) && is_one_of({status::fulfilling, status::completed}))
      return events{};
    return emit(delivered{cmd.courier, now + limits.settle});
  }

  decision operator()(const record_delivery_failed& cmd) const {
    if (is_one_of({status::cancelling, status::cancelled}) && current.fulfillment_status == fulfillment_status::failed)
      return events{};
    if (current.status == status::placed)
      return refuse<cancel_requested>("no delivery was requested");
    if (is_delivered(current))
      return refuse<cancel_requested>("it is delivered");
    return emit(cancellation(cmd.reason, true));
  }

  decision operator()(const record_settled& cmd) const {
    if (current.status == status::completed)
      return events{};
    if (current.status == status::fulfilling && !is_delivered(current))
      return refuse<payment_captured>("it is not delivered");
    if (current.status == status::fulfilling && cmd.captured != current.authorized)
      return failure{ec::invalid_argument, "the captured amount is not the authorised one"};
    return emit(payment_captured{cmd.captured}, completed{});
  }

  decision operator()(const request_cancel& cmd) const {
    if (is_one_of({status::cancelling, status::cancelled}))
      return events{};
    if (is_rejecting(current))
      return refuse<cancel_requested>("it is being rejected");
    if (is_delivered(current))
      return refuse<cancel_requested>("it is delivered");
    return emit(cancellation(cmd.reason, false));
  }

  decision operator()(const record_cancel_refused& cmd) const {
    if (is_one_of({status::fulfilling, status::completed}))
      return events{};
    if (current.status == status::cancelling && !can_still_be_delivered(current))
      return refuse<cancel_refused>("it may have been given back in part");
    return emit(cancel_refused{cmd.delivery, cmd.reason, now + limits.deliver});
  }

  decision operator()(const record_compensated& cmd) const {
    if (is_one_of({status::rejected, status::cancelled}))
      return events{};
    if (is_rejecting(current))
      return emit(rejected{current.reason});
    if (current.status == status::cancelling
        && (cmd.refunded.amount < 0 || cmd.refunded.amount > current.captured.amount))
      return failure{ec::invalid_argument, "what is refunded is 0 to what was captured"};
    return emit(compensated{cmd.voided, cmd.refunded}, cancelled{current.reason});
  }

  decision operator()(const give_up_step& cmd) const {
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

  template <class Command>
  decision operator()(const Command& cmd) const {
    return decide_part(current, cmd, now, limits);
  }
};

} // namespace

result<money> total_of(const std::vector<line>& lines) {
  if (lines.empty() || lines.size() > max_lines)
    return failure{ec::invalid_argument, "an order has 1 to 100 lines"};
  money total;
  for (const auto& line : lines) {
    if (line.quantity < 1 || line.quantity > max_quantity)
      return failure{ec::invalid_argument, "a quantity is 1 to 10,000"};
    if (line.unit_price.amount < 0 || !is_currency(line.unit_price.currency))
      return failure{ec::invalid_argument, "the price of " + line.product.value + " is not valid"};
    const auto price = multiply(line.unit_price, line.quantity);
    if (!price)
      return price.error();
    auto sum = add(total, *price);
    if (!sum)
      return sum.error();
    total = std::move(*sum);
  }
  return total;
}

decision decide(const state& current, const command& cmd, timestamp now, const deadlines& limits) {
  return std::visit(decider{current, now, limits}, cmd);
}

} // namespace waybill::order
