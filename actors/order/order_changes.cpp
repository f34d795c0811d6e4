#include "actors/order/order_entity.hpp"

#include "domain/base/errors.hpp"

#include <caf/actor_cast.hpp>

// What people do to an order besides placing and cancelling it: refunds, holds, and changes before the dispatch. Other
// lines are a saga of their own inside of the order's: goods and money are got under a new number, one event makes them
// the order's, and what is needed no more is given back under the number that it had. A crash at any point leaves the
// order with the steps of that point due again, under the same ids.

namespace waybill {

namespace {

order::person who(const provenance& origin) {
  return {origin.by_kind, origin.by_id};
}

failure refusal_of(const order::refused_revision& what) {
  switch (what.because) {
    case order::refusal::out_of_stock: return {ec::out_of_stock, what.detail};
    case order::refusal::payment_declined: return {ec::provider_refused, "the payment was declined: " + what.detail};
    case order::refusal::too_late:
      return {ec::provider_refused, "the change could not be made in time: " + what.detail};
    case order::refusal::order_ended:
      return {ec::illegal_transition, "the order was cancelled or rejected in the meantime"};
  }
  return {ec::internal, what.detail};
}

} // namespace

// -- commands ---------------------------------------------------------------------------------------------------------

template <class Answer, class Command, class View>
caf::result<Answer> order_entity::obey(const Command& command, order::command wanted, View view) {
  auto promise = self()->make_response_promise<Answer>();
  read([this, promise, command, wanted, view](const outcome& known) mutable {
    if (known.error || !exists() || !command.on_behalf.everything) {
      promise.deliver(to_error(known.error ? *known.error : missing()));
      return;
    }
    // What the saga does from now on can be traced back to them.
    origin_ = command.origin;
    execute(
      std::move(wanted), command.origin,
      [promise, view](const outcome& done) mutable {
        if (done.error)
          promise.deliver(to_error(*done.error));
        else
          promise.deliver(view(done));
      },
      command.expected_version);
  });
  return promise;
}

caf::result<refund_accepted> order_entity::on_refund(const refund_order& command) {
  return obey<refund_accepted>(
    command, order::request_refund{command.refund, command.amount, command.reason, who(command.origin)},
    [this](const outcome& done) {
      return refund_accepted{state(), !done.changed};
    });
}

caf::result<order::state> order_entity::on_hold(const hold_order& command) {
  return obey<order::state>(command, order::hold{who(command.origin), command.reason},
                            [this](const outcome&) { return state(); });
}

caf::result<order::state> order_entity::on_release(const release_order& command) {
  return obey<order::state>(command, order::release{who(command.origin), command.reason},
                            [this](const outcome&) { return state(); });
}

caf::result<order::state> order_entity::on_change(const change_order& command) {
  auto promise = self()->make_response_promise<order::state>();
  read([this, promise, command](const outcome& what) mutable {
    if (what.error || !is_there_for(command.on_behalf)) {
      promise.deliver(to_error(what.error ? *what.error : missing()));
      return;
    }
    order::command wanted = order::change{command.delivery, command.note};
    if (command.lines)
      wanted = order::revise{command.intent, *command.lines, command.delivery, command.note};
    origin_ = command.origin;
    // A wish that is known has moved the version itself.
    const auto& known = state().revisions;
    const bool repeated = known && command.lines && !command.intent.empty() && known->intent == command.intent;
    execute(
      std::move(wanted), command.origin,
      [this, promise, command](const outcome& done) mutable {
        if (done.error)
          promise.deliver(to_error(*done.error));
        else
          await_revision(command, promise);
      },
      repeated ? 0 : command.expected_version);
  });
  return promise;
}

// -- who waits for a revision -----------------------------------------------------------------------------------------

void order_entity::await_revision(const change_order& wish, caf::typed_response_promise<order::state> promise) {
  const auto& known = state().revisions;
  const bool is_last = known && !wish.intent.empty() && known->intent == wish.intent;
  if (!wish.lines || !known || !(known->wanted || is_last)) {
    promise.deliver(state());
    return;
  }
  revision_waiters_.push_back({promise, known->last, wish});
  answer_revision_waiters();
}

/// The revision's own deadline bounds the wait.
void order_entity::answer_revision_waiters() {
  std::erase_if(revision_waiters_, [this](revision_waiter& waiting) {
    const auto& known = state().revisions;
    if (known && known->wanted && known->wanted->number == waiting.number)
      return false;
    if (known && known->refused && known->refused->number == waiting.number)
      waiting.promise.deliver(to_error(refusal_of(*known->refused)));
    else
      waiting.promise.deliver(state());
    return true;
  });
}

/// The same wish again, where the order lives now: it is known by its intent.
void order_entity::let_revision_waiters_go() {
  for (auto& waiting : std::exchange(revision_waiters_, {})) {
    waiting.wish.expected_version = 0;
    waiting.promise.delegate(caf::actor_cast<order_actor>(regions().orders), std::move(waiting.wish));
  }
}

// -- refunds ----------------------------------------------------------------------------------------------------------

/// The payment does one refund at a time.
void order_entity::notice_next_refund() {
  refund_id next;
  for (const auto& one : order::refunds_of(state()))
    if (next.empty() && one.status == order::refund_status::pending)
      next = one.id;
  if (next == refunding_)
    return;
  refunding_ = next;
  steps_.erase(step::refund_payment);
}

void order_entity::refund_payment() {
  for (const auto& one : order::refunds_of(state()))
    if (one.id == refunding_)
      ask<payment_actor, payment::state>(
        step::refund_payment, regions().payments,
        waybill::refund_payment{payment_now(), one.id, one.amount, origin_of(step::refund_payment)},
        [this, id = one.id](const payment::state& payment) { on_refund_answer(payment, id); });
}

void order_entity::on_refund_answer(const payment::state& payment, const refund_id& refund) {
  const auto* known = payment::find_refund(payment, refund);
  const auto causation = id() + "/refund_payment";
  if (known == nullptr || known->status == payment::refund_status::pending) {
    start_again_later(step::refund_payment);
    return;
  }
  steps_[step::refund_payment].done = true;
  if (known->status == payment::refund_status::refunded)
    record(order::record_refunded{refund}, causation);
  else
    record(order::record_refund_declined{refund, known->reason}, causation);
}

// -- revisions --------------------------------------------------------------------------------------------------------

void order_entity::reserve_revision() {
  const auto wanted = *state().revisions->wanted;
  const auto quantity_of = quantities(wanted.lines);
  const auto reserve_by = std::min(wanted.reserve_by, now() + settings_.retry.request_timeout);
  const auto on_answer = [this, wanted, products = quantity_of.size()](const stock_answer& answer) {
    if (!answer.reserved) {
      steps_[step::reserve_revision].done = true;
      refuse_revision(order::refusal::out_of_stock,
                      "of " + answer.product.value + " " + std::to_string(answer.available) + " are available");
      return;
    }
    auto& answered = steps_[step::reserve_revision].answered;
    answered.insert(answer.product);
    if (answered.size() == products)
      finish(step::reserve_revision);
  };
  for (const auto& [product, quantity] : quantity_of)
    if (!steps_[step::reserve_revision].answered.contains(product))
      ask<product_actor, stock_answer>(step::reserve_revision, regions().products,
                                       waybill::reserve_stock{product, order::reservation_of(state().id, wanted.number),
                                                              state().customer, quantity, reserve_by,
                                                              origin_of(step::reserve_revision)},
                                       on_answer);
}

void order_entity::authorize_revision() {
  const auto& wanted = *state().revisions->wanted;
  ask<payment_actor, payment::state>(
    step::authorize_revision, regions().payments,
    waybill::authorize_payment{order::payment_of(state().id, wanted.number), state().id, state().customer, wanted.total,
                               state().payment.method, state().payment.token, origin_of(step::authorize_revision)},
    [this](const payment::state& payment) {
      if (payment.status == payment::status::authorized) {
        finish(step::authorize_revision);
      } else if (payment.status == payment::status::declined) {
        steps_[step::authorize_revision].done = true;
        refuse_revision(order::refusal::payment_declined, payment.decline_reason);
      } else {
        start_again_later(step::authorize_revision);
      }
    });
}

void order_entity::refuse_revision(order::refusal because, const std::string& detail) {
  if (const auto& known = state().revisions; known && known->wanted)
    record(order::record_revision_refused{known->wanted->number, because, detail}, id() + "/revise");
}

void order_entity::finish_revision() {
  const auto number = state().revisions->last;
  if (state().revisions->wanted)
    record(order::record_revised{number}, id() + "/revise");
  else
    record(order::record_revision_closed{number}, id() + "/revise");
}

void order_entity::return_payment() {
  ask<payment_actor, payment::state>(
    step::return_payment, regions().payments,
    waybill::void_payment{order::payment_of(state().id, *state().revisions->leftover->payment),
                          origin_of(step::return_payment)},
    [this](const payment::state& payment) {
      if (payment.status == payment::status::voided || payment.status == payment::status::declined)
        finish(step::return_payment);
      else
        start_again_later(step::return_payment);
    });
}

void order_entity::return_stock() {
  const auto leftover = *state().revisions->leftover;
  const auto on_answer = [this, products = leftover.products.size()](const stock_answer& answer) {
    auto& answered = steps_[step::return_stock].answered;
    answered.insert(answer.product);
    if (answered.size() == products)
      finish(step::return_stock);
  };
  for (const auto& product : leftover.products)
    if (!steps_[step::return_stock].answered.contains(product))
      ask<product_actor, stock_answer>(
        step::return_stock, regions().products,
        waybill::release_stock{product, order::reservation_of(state().id, leftover.stock), state().customer,
                               reserve_by_of(leftover.stock, leftover.reserve_by), origin_of(step::return_stock)},
        on_answer);
}

} // namespace waybill
