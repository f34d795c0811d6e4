#include "domain/base/transitions.hpp"
#include "domain/order/parts.hpp"

#include <algorithm>

namespace waybill::order {

namespace {

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
    current.metadata = e.metadata;
    current.authorized = current.captured = current.refunded = {0, e.total.currency};
    current.step_by = e.step_by;
    if (e.pays_later.value_or(false)) {
      current.payment_status = payment_status::awaiting;
      current.deferral.emplace();
    }
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
  void operator()(const cancel_refused& e) const {
    current.reason.clear();
    current.fulfillment_status = fulfillment_status::requested;
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

  template <class Event>
  void operator()(const Event& e) const {
    apply_part(current, e, at);
  }
};

} // namespace

void apply(state& current, const event& recorded, timestamp at) {
  const auto next = std::visit(
    [&](const auto& e) { return next_status(current.status, row_of(e)).value_or(current.status); }, recorded);
  std::visit(applier{current, at}, recorded);
  current.status = next;
  if (is_at_rest(next))
    current.step_by.reset();
  upcast(current);
  // An operator who looks at an order in needs_attention has not released its hold.
  if (next != status::placed && next != status::confirmed && next != status::needs_attention)
    current.hold.reset();
  touch(current, at);
}

} // namespace waybill::order
