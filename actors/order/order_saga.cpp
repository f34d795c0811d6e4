#include "actors/order/order_entity.hpp"

#include "domain/base/errors.hpp"

#include <caf/actor_cast.hpp>

namespace waybill {

// Each step is a request to another entity under the stable id <order>/<step>. The callee remembers what it did, so
// that asking again is always safe; facts are recorded only when an answer is definite.

bool order_entity::compensating() const {
  return state().status == order::status::cancelling
         || (state().status == order::status::placed && !state().reason.empty());
}

bool order_entity::in_turn() const {
  return compensating() || order::is_revising(state());
}

void order_entity::pursue() {
  count_changes();
  answer_waiters();
  answer_revision_waiters();
  auto due_now = order::due_steps(state());
  if (due_now != due_) {
    due_ = std::move(due_now);
    steps_.clear();
    captured_ = voided_ = refunded_ = {};
  }
  notice_next_refund();
  start_steps();
}

/// Steps of the way forward go side by side, compensations one after the other.
void order_entity::start_steps() {
  for (const auto what : due_) {
    auto& progress = steps_[what];
    if (progress.done)
      continue;
    const bool waits = what == step::request_delivery && state().dispatch_at && *state().dispatch_at > now();
    if (waits) {
      progress.act_at = *state().dispatch_at;
      arm(progress.act_at);
    } else if (progress.attempt == 0) {
      start(what);
    }
    if (in_turn())
      return;
  }
}

void order_entity::start(step what) {
  auto& progress = steps_[what];
  ++progress.attempt;
  progress.round = ++rounds_;
  progress.under_way = true;
  progress.act_at = now() + settings_.retry.request_timeout;
  switch (what) {
    case step::reserve_stock: reserve_stock(); break;
    case step::authorize_payment: authorize_payment(); break;
    case step::request_delivery: request_delivery(); break;
    case step::await_delivery: await_delivery(); break;
    case step::capture_payment: capture_payment(); break;
    case step::commit_stock: commit_or_release_stock(what); break;
    case step::release_stock: commit_or_release_stock(what); break;
    case step::cancel_delivery: cancel_delivery(); break;
    case step::void_payment: void_payment(); break;
    case step::refund_payment: refund_payment(); break;
    case step::reserve_revision: reserve_revision(); break;
    case step::authorize_revision: authorize_revision(); break;
    case step::return_payment: return_payment(); break;
    case step::return_stock: return_stock(); break;
  }
  arm(progress.act_at);
}

void order_entity::start_again_later(step what) {
  auto& progress = steps_[what];
  progress.under_way = false;
  const auto pause =
    what == step::await_delivery ? settings_.delivery_poll : backoff(settings_.retry, progress.attempt);
  progress.act_at = now() + pause;
  arm(progress.act_at);
}

bool order_entity::is_current(step what, std::uint64_t round) const {
  auto progress = steps_.find(what);
  return progress != steps_.end() && progress->second.round == round && !progress->second.done;
}

void order_entity::finish(step what) {
  steps_[what].done = true;
  // The order goes another way: what it does next begins when that is durable, and the steps at hand are no part of it.
  if (due_ != order::due_steps(state()))
    return;
  const bool all_done = std::all_of(due_.begin(), due_.end(), [this](step s) { return steps_[s].done; });
  if (all_done)
    finish_steps();
  else
    start_steps();
}

/// All due steps are done: the facts they led to are recorded together.
void order_entity::finish_steps() {
  if (compensating())
    record(order::record_compensated{voided_, refunded_}, id() + "/compensate");
  else if (order::is_revising(state()))
    finish_revision();
  else if (state().fulfillment_status == order::fulfillment_status::delivered)
    record(order::record_settled{captured_}, id() + "/settle");
}

/// The step was refused for good or took too long.
void order_entity::give_up(const std::string& reason) {
  const auto what = due_.empty() ? std::string{"the hold"} : std::string{name_of(due_.front())};
  spdlog::warn("order {} gives up {}: {}", id(), what, reason);
  record(order::give_up_step{what + ": " + reason}, id() + "/" + what);
}

void order_entity::on_trouble(step what, const failure& reason) {
  const bool for_good = reason.code == ec::illegal_transition || reason.code == ec::provider_refused
                        || reason.code == ec::out_of_stock || reason.code == ec::idempotency_key_reused
                        || reason.code == ec::not_found || reason.code == ec::product_withdrawn
                        || reason.code == ec::invalid_argument;
  if (!for_good)
    start_again_later(what);
  else if (what == step::reserve_revision)
    refuse_revision(order::refusal::out_of_stock, reason.detail);
  else if (what == step::authorize_revision)
    refuse_revision(order::refusal::payment_declined, reason.detail);
  else if (what == step::refund_payment)
    record(order::record_refund_declined{refunding_, reason.detail}, id() + "/refund_payment");
  else
    give_up(reason.detail);
}

provenance order_entity::origin_of(step what) const {
  auto origin = origin_;
  if (origin.correlation_id.empty())
    origin.correlation_id = id();
  origin.causation_id = id() + "/" + std::string{name_of(what)};
  origin.by_kind = "system";
  origin.by_id = "order";
  return origin;
}

// -- stock ------------------------------------------------------------------------------------------------------------

std::map<product_id, std::int64_t> order_entity::quantities(const std::vector<order::line>& lines) {
  std::map<product_id, std::int64_t> sums;
  for (const auto& line : lines)
    sums[line.product] += line.quantity;
  return sums;
}

payment_id order_entity::payment_now() const {
  return order::payment_of(state().id, state().revisions ? state().revisions->payment : 0);
}

order_id order_entity::reservation_now() const {
  return order::reservation_of(state().id, state().revisions ? state().revisions->stock : 0);
}

timestamp order_entity::reserve_by_of(std::uint32_t number, std::optional<timestamp> known) const {
  const auto as_placed = state().created_at + settings_.limits.reserve;
  return number == 0 || !known ? as_placed : *known;
}

void order_entity::reserve_stock() {
  const auto& progress = steps_[step::reserve_stock];
  // Each attempt is valid only as long as somebody waits for it: stock entities can forget it soon after.
  const auto reserve_by = std::min(state().step_by.value_or(now()), now() + settings_.retry.request_timeout);
  for (const auto& [product, quantity] : quantities(state().lines)) {
    if (progress.answered.contains(product))
      continue;
    ask<product_actor, stock_answer>(step::reserve_stock, regions().products,
                                     waybill::reserve_stock{product, state().id, state().customer, quantity, reserve_by,
                                                            origin_of(step::reserve_stock)},
                                     [this](const stock_answer& answer) { on_stock_answer(answer); });
  }
}

void order_entity::on_stock_answer(const stock_answer& answer) {
  auto& progress = steps_[step::reserve_stock];
  const auto wanted = quantities(state().lines);
  if (!answer.reserved) {
    progress.done = true;
    record(order::record_stock_rejected{answer.product, wanted.at(answer.product), answer.available},
           id() + "/reserve_stock");
    return;
  }
  progress.answered.insert(answer.product);
  if (progress.answered.size() < wanted.size())
    return;
  progress.done = true;
  record(order::record_stock_reserved{}, id() + "/reserve_stock");
}

void order_entity::commit_or_release_stock(step what) {
  const auto& progress = steps_[what];
  const auto wanted = quantities(state().lines);
  auto on_answer = [this, what](const stock_answer& answer) {
    auto& answered = steps_[what].answered;
    answered.insert(answer.product);
    if (answered.size() == quantities(state().lines).size())
      finish(what);
  };
  const auto& known = state().revisions;
  const auto reserve_by = known ? reserve_by_of(known->stock, known->reserve_by) : reserve_by_of(0, {});
  for (const auto& [product, quantity] : wanted) {
    if (progress.answered.contains(product))
      continue;
    if (what == step::commit_stock)
      ask<product_actor, stock_answer>(
        what, regions().products,
        waybill::commit_stock{product, reservation_now(), state().customer, quantity, origin_of(what)}, on_answer);
    else
      ask<product_actor, stock_answer>(
        what, regions().products,
        waybill::release_stock{product, reservation_now(), state().customer, reserve_by, origin_of(what)}, on_answer);
  }
}

// -- payment ----------------------------------------------------------------------------------------------------------

void order_entity::authorize_payment() {
  ask<payment_actor, payment::state>(
    step::authorize_payment, regions().payments,
    waybill::authorize_payment{sibling_id<payment_id>(state().id), state().id, state().customer, state().total,
                               state().payment.method, state().payment.token, origin_of(step::authorize_payment)},
    [this](const payment::state& payment) { on_authorization(payment); });
}

void order_entity::on_authorization(const payment::state& payment) {
  const auto causation = id() + "/authorize_payment";
  switch (payment.status) {
    case payment::status::authorized:
    case payment::status::capturing:
    case payment::status::captured:
      steps_[step::authorize_payment].done = true;
      record(order::record_payment_authorized{payment.authorized}, causation);
      break;
    case payment::status::declined:
      steps_[step::authorize_payment].done = true;
      record(order::record_payment_declined{payment.decline_reason}, causation);
      break;
    default:
      start_again_later(step::authorize_payment);
      if (payment.under_way && payment.under_way->unknown)
        record(order::record_payment_unknown{}, causation);
      break;
  }
}

void order_entity::capture_payment() {
  ask<payment_actor, payment::state>(step::capture_payment, regions().payments,
                                     waybill::capture_payment{payment_now(), origin_of(step::capture_payment)},
                                     [this](const payment::state& payment) {
                                       if (payment.status != payment::status::captured) {
                                         start_again_later(step::capture_payment);
                                         return;
                                       }
                                       captured_ = payment.captured;
                                       finish(step::capture_payment);
                                     });
}

void order_entity::void_payment() {
  ask<payment_actor, payment::state>(
    step::void_payment, regions().payments, waybill::void_payment{payment_now(), origin_of(step::void_payment)},
    [this](const payment::state& payment) {
      if (payment.status != payment::status::voided && payment.status != payment::status::declined) {
        start_again_later(step::void_payment);
        return;
      }
      voided_ = state().authorized;
      finish(step::void_payment);
    });
}

// -- delivery ---------------------------------------------------------------------------------------------------------

void order_entity::request_delivery() {
  ask<delivery_actor, delivery::state>(
    step::request_delivery, regions().deliveries,
    waybill::request_delivery{sibling_id<delivery_id>(state().id), state().id, state().customer, state().delivery.name,
                              state().delivery.address, origin_of(step::request_delivery)},
    [this](const delivery::state& delivery) {
      steps_[step::request_delivery].done = true;
      record(order::record_fulfillment_started{delivery.id}, id() + "/request_delivery");
    });
}

/// Deliveries take long: the answer to the first question is what holds now, later ones come with delivery_ended or
/// with the poll.
void order_entity::await_delivery() {
  ask<delivery_actor, delivery::state>(step::await_delivery, regions().deliveries,
                                       get_delivery{sibling_id<delivery_id>(state().id)},
                                       [this](const delivery::state& delivery) { on_delivery(delivery); });
}

void order_entity::on_delivery(const delivery::state& delivery) {
  const auto causation = delivery.id.value;
  auto& progress = steps_[step::await_delivery];
  if (delivery.status == delivery::status::completed) {
    progress.done = true;
    record(order::record_delivered{delivery.courier}, causation);
  } else if (delivery::is_final(delivery.status)) {
    progress.done = true;
    record(order::record_delivery_failed{delivery.reason.empty() ? "the delivery was cancelled" : delivery.reason},
           causation);
  } else {
    start_again_later(step::await_delivery);
  }
}

void order_entity::cancel_delivery() {
  ask<delivery_actor, delivery::state>(
    step::cancel_delivery, regions().deliveries,
    waybill::cancel_delivery{sibling_id<delivery_id>(state().id), origin_of(step::cancel_delivery)},
    [this](const delivery::state&) { finish(step::cancel_delivery); });
}

} // namespace waybill
