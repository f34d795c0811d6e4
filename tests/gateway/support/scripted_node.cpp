#include "domain/base/errors.hpp"
#include "tests/gateway/support/scripted.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>

#include <utility>

namespace waybill::test::scripted {

namespace {

caf::behavior node(world_ptr w) {
  return {[w](list_nodes) {
            std::lock_guard guard{w->mutex};
            return w->nodes;
          },
          [](const list_actors&) { return actor_list{}; },
          [w](gather_node_reports) {
            std::lock_guard guard{w->mutex};
            return w->reports;
          },
          [w](get_audit_report) {
            std::lock_guard guard{w->mutex};
            return w->audit;
          },
          [w](const drain_node& x) -> caf::result<void> {
            std::lock_guard guard{w->mutex};
            if (w->drain_failure != ec{})
              return refused(w->drain_failure);
            w->drained.push_back(x.node + (x.force ? " by force" : ""));
            w->drained_by = x.by;
            return caf::unit;
          }};
}

} // namespace

node_api_actor spawn_node_api(caf::actor_system& sys, world_ptr w) {
  return caf::actor_cast<node_api_actor>(sys.spawn(node, std::move(w)));
}

} // namespace waybill::test::scripted
