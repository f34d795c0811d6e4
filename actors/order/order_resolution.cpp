#include "actors/order/order_entity.hpp"

#include "domain/base/errors.hpp"

#include <caf/actor_cast.hpp>

// An operator's hand on an order that needs attention. A retry is a command like any other: the saga goes on by itself.
// A resolution first gives back what the order may still hold, in the reverse order of the saga, and is recorded last:
// a final order holds nothing (I3), and what a crash interrupts can be said again, because every step is safe to
// repeat.

namespace waybill {

/// A resolution under way.
struct order_entity::resolution {
  resolve_order command;
  caf::typed_response_promise<order::state> promise;
  /// What is known by now of what the order held.
  order::resolve facts;
  /// The version of the order that the operator decided on.
  std::uint64_t version = 0;
  std::size_t products_left = 0;
};

caf::result<order::state> order_entity::on_retry(const retry_order& command) {
  auto promise = self()->make_response_promise<order::state>();
  read([this, promise, command](const outcome& what) mutable {
    if (what.error || !exists() || !command.on_behalf.everything) {
      promise.deliver(to_error(what.error ? *what.error : missing()));
      return;
    }
    if (resolving_) {
      promise.deliver(to_error(being_resolved()));
      return;
    }
    // The saga goes on in the name of the system, and can be traced back to the operator.
    origin_ = command.origin;
    execute(
      order::retry{command.intent, command.reason}, command.origin,
      [this, promise](const outcome& done) mutable {
        if (done.error)
          promise.deliver(to_error(*done.error));
        else
          promise.deliver(state());
      },
      command.expected_version);
  });
  return promise;
}

caf::result<order::state> order_entity::on_resolve(const resolve_order& command) {
  auto what = std::make_shared<resolution>();
  what->command = command;
  what->promise = self()->make_response_promise<order::state>();
  read([this, what](const outcome& known) {
    if (known.error || !exists() || !what->command.on_behalf.everything)
      what->promise.deliver(to_error(known.error ? *known.error : missing()));
    else
      begin(what);
  });
  return what->promise;
}

failure order_entity::being_resolved() const {
  return {ec::conflict, id() + " is just being resolved by somebody"};
}

/// What would be refused in any case is refused before anything is given back.
void order_entity::begin(const resolution_ptr& what) {
  const auto& command = what->command;
  if (resolving_) {
    what->promise.deliver(to_error(being_resolved()));
    return;
  }
  if (command.expected_version != 0 && command.expected_version != version()) {
    what->promise.deliver(to_error({ec::version_mismatch, id() + " is at version " + std::to_string(version())}));
    return;
  }
  what->version = version();
  what->facts.outcome = command.outcome;
  what->facts.reason = command.reason;
  const auto allowed = decide(what->facts);
  if (!allowed) {
    what->promise.deliver(to_error(allowed.error()));
  } else if (allowed->empty()) {
    what->promise.deliver(state());
  } else {
    resolving_ = true;
    close_delivery(what);
  }
}

void order_entity::refuse(const resolution_ptr& what, const failure& reason) {
  resolving_ = false;
  spdlog::info("order {} cannot be resolved as {}: {}", id(), name_of(what->command.outcome), reason.detail);
  what->promise.deliver(to_error(reason));
  end_if_retired();
}

/// The refusal of an outcome that the world contradicts.
void order_entity::refuse(const resolution_ptr& what, const std::string& because) {
  refuse(what, failure{ec::illegal_transition,
                       id() + " cannot be " + std::string{name_of(what->command.outcome)} + ": " + because});
}

template <class Actor, class Answer, class Request, class OnAnswer, class OnError>
void order_entity::settle(const caf::strong_actor_ptr& whom, Request request, OnAnswer on_answer, OnError on_error) {
  self()
    ->request(caf::actor_cast<Actor>(whom), settings_.retry.request_timeout, std::move(request))
    .then([on_answer](const Answer& answer) { on_answer(answer); },
          [on_error](const caf::error& reason) { on_error(to_failure(reason)); });
}

provenance order_entity::origin_of(const resolution& what) const {
  auto origin = what.command.origin;
  origin.causation_id = id() + "/resolve";
  return origin;
}

// -- the delivery -----------------------------------------------------------------------------------------------------

/// One that was never requested is closed too, so that a request which is still under way is refused.
void order_entity::close_delivery(const resolution_ptr& what) {
  settle<delivery_actor, delivery::state>(
    regions().deliveries, waybill::cancel_delivery{sibling_id<delivery_id>(state().id), origin_of(*what)},
    [this, what](const delivery::state& delivery) { on_closed(what, delivery); },
    [this, what](const failure& reason) {
      if (reason.code == ec::illegal_transition)
        look_at_delivery(what);
      else
        refuse(what, reason);
    });
}

/// It cannot be cancelled: because it is done, or because somebody carries the goods.
void order_entity::look_at_delivery(const resolution_ptr& what) {
  settle<delivery_actor, delivery::state>(
    regions().deliveries, get_delivery{sibling_id<delivery_id>(state().id)},
    [this, what](const delivery::state& delivery) { on_closed(what, delivery); },
    [this, what](const failure& reason) { refuse(what, reason); });
}

void order_entity::on_closed(const resolution_ptr& what, const delivery::state& delivery) {
  switch (delivery.status) {
    case delivery::status::completed: what->facts.fulfillment = order::fulfillment_status::delivered; break;
    case delivery::status::failed: what->facts.fulfillment = order::fulfillment_status::failed; break;
    case delivery::status::cancelled: what->facts.fulfillment = order::fulfillment_status::cancelled; break;
    default: refuse(what, "a courier is under way with it"); return;
  }
  return_leftover(what);
}

// -- what a revision left over ----------------------------------------------------------------------------------------

void order_entity::return_leftover(const resolution_ptr& what) {
  const auto& known = state().revisions;
  if (!known || !known->leftover) {
    close_payment(what);
  } else if (!known->leftover->payment) {
    return_leftover_stock(what);
  } else {
    settle<payment_actor, payment::state>(
      regions().payments,
      waybill::void_payment{order::payment_of(state().id, *known->leftover->payment), origin_of(*what)},
      [this, what](const payment::state& payment) {
        if (payment.status == payment::status::voided || payment.status == payment::status::declined)
          return_leftover_stock(what);
        else
          refuse(what, failure{ec::unavailable, "the payment provider has not answered yet; it is safe to try again"});
      },
      [this, what](const failure& reason) { refuse(what, reason); });
  }
}

void order_entity::return_leftover_stock(const resolution_ptr& what) {
  const auto leftover = *state().revisions->leftover;
  what->products_left = leftover.products.size();
  for (const auto& product : leftover.products)
    settle<product_actor, stock_answer>(
      regions().products,
      waybill::release_stock{product, order::reservation_of(state().id, leftover.stock), state().customer,
                             reserve_by_of(leftover.stock, leftover.reserve_by), origin_of(*what)},
      [this, what](const stock_answer&) {
        if (what->products_left > 0 && --what->products_left == 0)
          close_payment(what);
      },
      [this, what](const failure& reason) {
        if (std::exchange(what->products_left, 0) > 0)
          refuse(what, reason);
      });
}

// -- the payment ------------------------------------------------------------------------------------------------------

void order_entity::close_payment(const resolution_ptr& what) {
  settle<payment_actor, payment::state>(
    regions().payments, waybill::void_payment{payment_now(), origin_of(*what)},
    [this, what](const payment::state& payment) { on_closed(what, payment); },
    [this, what](const failure& reason) {
      if (reason.code == ec::illegal_transition)
        look_at_payment(what);
      else if (reason.code == ec::provider_refused)
        refuse(what, "its authorisation is open, and " + reason.detail);
      else
        refuse(what, reason);
    });
}

/// It cannot be voided: most likely the money is captured.
void order_entity::look_at_payment(const resolution_ptr& what) {
  settle<payment_actor, payment::state>(
    regions().payments, get_payment{payment_now()},
    [this, what](const payment::state& payment) { on_closed(what, payment); },
    [this, what](const failure& reason) { refuse(what, reason); });
}

void order_entity::on_closed(const resolution_ptr& what, const payment::state& payment) {
  switch (payment.status) {
    case payment::status::captured: what->facts.payment = order::payment_status::captured; break;
    case payment::status::voided: what->facts.payment = order::payment_status::voided; break;
    case payment::status::declined: what->facts.payment = order::payment_status::declined; break;
    default:
      refuse(what, failure{ec::unavailable, "the payment provider has not answered yet; it is safe to try again"});
      return;
  }
  what->facts.captured = payment.captured;
  // The stock is not touched for an outcome that the money contradicts.
  if (const auto allowed = decide(what->facts); !allowed)
    refuse(what, allowed.error());
  else
    close_stock(what);
}

// -- the stock --------------------------------------------------------------------------------------------------------

/// What a completed order reserved has left the house; what a cancelled one reserved is there for others. Goods that
/// were taken before stay taken: counting them back in is the operator's word on the stock.
void order_entity::close_stock(const resolution_ptr& what) {
  const auto wanted = quantities(state().lines);
  what->products_left = wanted.size();
  const auto done = [this, what] {
    if (what->products_left > 0 && --what->products_left == 0)
      record(what);
  };
  const auto failed = [this, what, done](const failure& reason) {
    // The reservation had run out and the goods are sold: nothing is held, and the count is the operator's.
    const bool nothing_held = reason.code == ec::out_of_stock || reason.code == ec::not_found;
    if (nothing_held)
      done();
    else if (std::exchange(what->products_left, 0) > 0)
      refuse(what, reason);
  };
  const auto& known = state().revisions;
  const auto reserve_by = known ? reserve_by_of(known->stock, known->reserve_by) : reserve_by_of(0, {});
  for (const auto& [product, quantity] : wanted) {
    if (what->command.outcome == order::status::completed)
      settle<product_actor, stock_answer>(
        regions().products,
        waybill::commit_stock{product, reservation_now(), state().customer, quantity, origin_of(*what)},
        [done](const stock_answer&) { done(); }, failed);
    else
      settle<product_actor, stock_answer>(
        regions().products,
        waybill::release_stock{product, reservation_now(), state().customer, reserve_by, origin_of(*what)},
        [done](const stock_answer&) { done(); }, failed);
  }
}

void order_entity::record(const resolution_ptr& what) {
  execute(
    what->facts, what->command.origin,
    [this, what](const outcome& done) {
      resolving_ = false;
      if (done.error) {
        what->promise.deliver(to_error(*done.error));
        return;
      }
      spdlog::info("order {} was resolved as {} by {}: {}", id(), name_of(what->command.outcome),
                   what->command.origin.by_id, what->command.reason);
      what->promise.deliver(state());
    },
    what->version);
}

} // namespace waybill
