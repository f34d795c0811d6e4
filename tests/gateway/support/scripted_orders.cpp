#include "domain/base/errors.hpp"
#include "domain/order/order.hpp"
#include "tests/gateway/support/scripted.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <utility>

namespace waybill::test::scripted {

namespace {

/// The failure that the script wants for this request to an order; none to carry it out.
ec next_failure(world& w) {
  ++w.asked_orders;
  if (w.failures_left > 0 && --w.failures_left == 0)
    return std::exchange(w.order_failure, ec::none);
  return w.order_failure;
}

caf::result<order_placed> place(world& w, place_order& wanted) {
  std::lock_guard guard{w.mutex};
  if (const auto failed = next_failure(w); failed != ec::none)
    return refused(failed);
  if (const auto found = w.orders.find(wanted.id.value); found != w.orders.end()) {
    if (found->second.fingerprint != wanted.fingerprint)
      return refused(ec::idempotency_key_reused);
    return order_placed{found->second, true};
  }
  order::state made;
  made.id = wanted.id;
  made.customer = wanted.customer;
  made.status = order::status::placed;
  made.lines = wanted.lines;
  made.payment = wanted.payment;
  made.delivery = wanted.delivery;
  made.note = wanted.note;
  made.fingerprint = wanted.fingerprint;
  made.metadata = wanted.metadata;
  made.created_at = made.updated_at = now();
  made.version = 1;
  for (const auto& line : made.lines)
    made.total = *add(made.total, *multiply(line.unit_price, line.quantity));
  // Its stock is reserved at once.
  if (made.payment.method == order::deferred_method) {
    made.payment_status = order::payment_status::awaiting;
    made.deferral.emplace();
    made.stock_reserved = true;
    made.step_by = now() + std::chrono::hours{1};
  }
  w.orders.emplace(made.id.value, made);
  return order_placed{made, false};
}

caf::result<order::state> find_order(world& w, const order_id& id, const viewer& whom) {
  std::lock_guard guard{w.mutex};
  if (const auto failed = next_failure(w); failed != ec::none)
    return refused(failed);
  const auto found = w.orders.find(id.value);
  if (found == w.orders.end() || !whom.may_see(found->second.customer))
    return refused(ec::not_found);
  return found->second;
}

/// The order once it is settled: here at once.
caf::result<order::state> settle(world& w, const order_id& id) {
  std::lock_guard guard{w.mutex};
  auto& order = w.orders.at(id.value);
  order.status = order::status::confirmed;
  order.payment_status = order::payment_status::authorized;
  order.version = 4;
  return order;
}

caf::result<order::state> cancel(world& w, cancel_order& wanted) {
  std::lock_guard guard{w.mutex};
  w.cancels.push_back(wanted);
  const auto found = w.orders.find(wanted.id.value);
  if (found == w.orders.end() || !wanted.on_behalf.may_see(found->second.customer))
    return refused(ec::not_found);
  auto& order = found->second;
  if (wanted.expected_version != 0 && wanted.expected_version != order.version)
    return refused(ec::version_mismatch);
  if (order.status == order::status::completed)
    return refused(ec::illegal_transition);
  if (order.status != order::status::needs_attention)
    order.status = order.status == order::status::placed ? order::status::cancelling : order::status::cancelled;
  ++order.version;
  return order;
}

caf::result<order::state> leave_attention(world& w, const order_id& id, std::uint64_t expected, order::status next) {
  const auto found = w.orders.find(id.value);
  if (found == w.orders.end())
    return refused(ec::not_found);
  auto& order = found->second;
  if (expected != 0 && expected != order.version)
    return refused(ec::version_mismatch);
  if (order.status != order::status::needs_attention)
    return refused(ec::illegal_transition);
  order.status = next;
  ++order.version;
  return order;
}

caf::result<order::state> retry(world& w, const retry_order& wanted) {
  std::lock_guard guard{w.mutex};
  w.retries.push_back(wanted);
  return leave_attention(w, wanted.id, wanted.expected_version, order::status::fulfilling);
}

caf::result<order::state> resolve(world& w, const resolve_order& wanted) {
  std::lock_guard guard{w.mutex};
  w.resolutions.push_back(wanted);
  return leave_attention(w, wanted.id, wanted.expected_version, wanted.outcome);
}

/// Applies the domain's decisions, one command after the other.
result<order::state> obey(world& w, const order_id& id, bool is_there, std::uint64_t expected,
                          const std::vector<order::command>& commands) {
  const auto found = w.orders.find(id.value);
  if (found == w.orders.end() || !is_there)
    return failure{ec::not_found, "the script says so"};
  auto& order = found->second;
  if (expected != 0 && expected != order.version)
    return failure{ec::version_mismatch, "the script says so"};
  for (const auto& command : commands) {
    const auto events = order::decide(order, command, now(), {});
    if (!events)
      return events.error();
    for (const auto& event : *events)
      order::apply(order, event, now());
  }
  return order;
}

caf::result<order::state> answer_of(const result<order::state>& outcome) {
  if (outcome)
    return *outcome;
  return caf::make_error(outcome.error().code, outcome.error().detail);
}

bool is_there(world& w, const order_id& id, const viewer& whom) {
  const auto found = w.orders.find(id.value);
  return found != w.orders.end() && whom.may_see(found->second.customer);
}

caf::result<refund_accepted> refund(world& w, const refund_order& x) {
  std::lock_guard guard{w.mutex};
  w.refunds.push_back(x);
  const auto before = w.orders.contains(x.id.value) ? w.orders.at(x.id.value).version : 0;
  const auto done = obey(w, x.id, x.on_behalf.everything, x.expected_version,
                         {order::request_refund{x.refund, x.amount, x.reason, {x.origin.by_kind, x.origin.by_id}}});
  if (!done)
    return caf::make_error(done.error().code, done.error().detail);
  return refund_accepted{*done, done->version == before};
}

caf::result<order::state> hold(world& w, const order_id& id, const viewer& whom, std::uint64_t expected,
                               order::command command) {
  std::lock_guard guard{w.mutex};
  return answer_of(obey(w, id, whom.everything, expected, {std::move(command)}));
}

/// Other lines are there at once.
caf::result<order::state> change(world& w, const change_order& x) {
  std::lock_guard guard{w.mutex};
  w.changes.push_back(x);
  const bool seen = is_there(w, x.id, x.on_behalf);
  if (!x.lines)
    return answer_of(obey(w, x.id, seen, x.expected_version, {order::change{x.delivery, x.note}}));
  if (w.change_failure != ec::none)
    return refused(w.change_failure);
  return answer_of(obey(w, x.id, seen, x.expected_version,
                        {order::revise{x.intent, *x.lines, x.delivery, x.note}, order::record_revised{1},
                         order::record_revision_closed{1}}));
}

caf::result<order_paid> pay(world& w, const pay_order& x) {
  std::lock_guard guard{w.mutex};
  if (const auto failed = next_failure(w); failed != ec::none)
    return refused(failed);
  w.payments_of_orders.push_back(x);
  const auto before = w.orders.contains(x.id.value) ? w.orders.at(x.id.value).version : 0;
  const auto done = obey(w, x.id, is_there(w, x.id, x.on_behalf), x.expected_version,
                         {order::pay{x.payment, x.intent, x.fingerprint, {x.origin.by_kind, x.origin.by_id}}});
  if (!done)
    return caf::make_error(done.error().code, done.error().detail);
  return order_paid{*done, done->version == before};
}

caf::result<order_progress> progress(world& w, const get_order_progress& wanted) {
  std::lock_guard guard{w.mutex};
  if (const auto failed = next_failure(w); failed != ec::none)
    return refused(failed);
  const auto known = w.progress.find(wanted.id.value);
  if (known == w.progress.end())
    return order_progress{.node = "order-1"};
  if (!wanted.on_behalf.may_see(known->second.order.customer))
    return refused(ec::not_found);
  return known->second;
}

order_actor::behavior_type orders(order_actor::pointer self, world_ptr w) {
  return {
    [](resume_entity&) {},
    [](wake_up&) {},
    [](retire_entity&) {},
    [](describe_entity&) { return entity_description{}; },
    [w](place_order& x) { return place(*w, x); },
    [w, self](get_order& x) -> caf::result<order::state> {
      if (w->silent_orders)
        return self->make_response_promise<order::state>();
      return find_order(*w, x.id, x.on_behalf);
    },
    [w](await_order& x) -> caf::result<order::state> {
      if (w->unsettled_orders)
        return find_order(*w, x.id, x.on_behalf);
      return settle(*w, x.id);
    },
    [w](cancel_order& x) { return cancel(*w, x); },
    [](delivery_ended&) {},
    [w](retry_order& x) { return retry(*w, x); },
    [w](resolve_order& x) { return resolve(*w, x); },
    [w](refund_order& x) { return refund(*w, x); },
    [w](hold_order& x) {
      return hold(*w, x.id, x.on_behalf, x.expected_version, order::hold{{x.origin.by_kind, x.origin.by_id}, x.reason});
    },
    [w](release_order& x) {
      return hold(*w, x.id, x.on_behalf, x.expected_version,
                  order::release{{x.origin.by_kind, x.origin.by_id}, x.reason});
    },
    [w](change_order& x) { return change(*w, x); },
    [w](pay_order& x) { return pay(*w, x); },
    [w](get_order_progress& x) { return progress(*w, x); }};
}

} // namespace

retrying_actor spawn_retrying(caf::actor_system& sys, world_ptr w) {
  return sys.spawn([w](retrying_actor::pointer) -> retrying_actor::behavior_type {
    return {[w](const list_retrying& query) {
      std::lock_guard guard{w->mutex};
      w->retrying_lists.push_back(query);
      return w->retrying;
    }};
  });
}

order_actor spawn_orders(caf::actor_system& sys, world_ptr w) {
  return sys.spawn(orders, std::move(w));
}

} // namespace waybill::test::scripted
