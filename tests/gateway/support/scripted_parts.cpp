#include "domain/base/errors.hpp"
#include "tests/gateway/support/scripted.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <utility>

// The entities of an order: payments and deliveries.

namespace waybill::test::scripted {

namespace {

template <class State>
caf::result<State> find_part(world& w, const std::map<std::string, State>& parts, const std::string& id) {
  std::lock_guard guard{w.mutex};
  const auto found = parts.find(id);
  if (found == parts.end())
    return refused(ec::not_found);
  return found->second;
}

payment_actor::behavior_type payments(world_ptr w) {
  return {[](resume_entity&) {},
          [](wake_up&) {},
          [](retire_entity&) {},
          [](describe_entity&) { return entity_description{}; },
          [](authorize_payment&) { return payment::state{}; },
          [](capture_payment&) { return payment::state{}; },
          [](void_payment&) { return payment::state{}; },
          [](report_payment_outcome&) { return payment::state{}; },
          [w](get_payment& x) { return find_part(*w, w->payments, x.id.value); },
          [](refund_payment&) { return payment::state{}; }};
}

delivery_actor::behavior_type deliveries(world_ptr w) {
  return {[](resume_entity&) {},
          [](wake_up&) {},
          [](retire_entity&) {},
          [](describe_entity&) { return entity_description{}; },
          [](request_delivery&) { return delivery::state{}; },
          [](cancel_delivery&) { return delivery::state{}; },
          [](courier_says&) { return delivery::state{}; },
          [w](get_delivery& x) { return find_part(*w, w->deliveries, x.id.value); },
          [w](act_on_delivery& x) { return find_part(*w, w->deliveries, x.id.value); },
          [w](view_delivery& x) { return find_part(*w, w->deliveries, x.id.value); }};
}

} // namespace

payment_actor spawn_payments(caf::actor_system& sys, world_ptr w) {
  return sys.spawn(payments, std::move(w));
}

delivery_actor spawn_deliveries(caf::actor_system& sys, world_ptr w) {
  return sys.spawn(deliveries, std::move(w));
}

} // namespace waybill::test::scripted
