#include "domain/base/errors.hpp"
#include "tests/gateway/support/scripted.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <utility>

namespace waybill::test::scripted {

namespace {

/// Applies the domain's decision.
result<bulk::state> obey(world& w, const bulk_action_id& id, const bulk::command& command) {
  auto action = w.bulk_actions[id.value];
  const auto events = bulk::decide(action, command);
  if (!events) {
    if (action.version == 0)
      w.bulk_actions.erase(id.value);
    return events.error();
  }
  for (const auto& event : *events)
    bulk::apply(action, event, now());
  w.bulk_actions[id.value] = action;
  return action;
}

caf::error error_of(const failure& reason) {
  return caf::make_error(reason.code, reason.detail);
}

caf::result<bulk_action_started> start(world& w, const start_bulk_action& x) {
  std::lock_guard guard{w.mutex};
  w.bulk_starts.push_back(x);
  const bool known = w.bulk_actions.contains(x.id.value);
  auto done = obey(w, x.id,
                   bulk::start{{x.id,
                                x.action,
                                x.outcome,
                                x.reason,
                                x.dry_run,
                                x.more,
                                {x.origin.by_kind, x.origin.by_id},
                                x.origin.correlation_id,
                                x.origin.traceparent,
                                x.orders,
                                x.fingerprint}});
  if (!done)
    return error_of(done.error());
  return bulk_action_started{std::move(*done), known};
}

bulk_action_actor::behavior_type bulk_actions(world_ptr w) {
  return {[](resume_entity&) {},
          [](wake_up&) {},
          [](retire_entity&) {},
          [](describe_entity&) { return entity_description{}; },
          [w](start_bulk_action& x) { return start(*w, x); },
          [w](get_bulk_action& x) -> caf::result<bulk::state> {
            std::lock_guard guard{w->mutex};
            const auto found = w->bulk_actions.find(x.id.value);
            if (found == w->bulk_actions.end())
              return refused(ec::not_found);
            return found->second;
          },
          [w](stop_bulk_action& x) -> caf::result<bulk::state> {
            std::lock_guard guard{w->mutex};
            auto done = obey(*w, x.id, bulk::request_stop{{x.origin.by_kind, x.origin.by_id}});
            if (!done)
              return error_of(done.error());
            return std::move(*done);
          }};
}

} // namespace

bulk_action_actor spawn_bulk_actions(caf::actor_system& sys, world_ptr w) {
  return sys.spawn(bulk_actions, std::move(w));
}

} // namespace waybill::test::scripted
