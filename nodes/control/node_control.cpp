#include "nodes/control/node_control.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/ids.hpp"
#include "domain/base/log.hpp"
#include "persistence/faults/outage.hpp"
#include "persistence/faults/refused_appends.hpp"

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <csignal>
#include <cstdlib>
#include <memory>
#include <unistd.h>

namespace waybill {

namespace {

struct node_control_state {
  static inline const char* name = "waybill.node_control";

  node_control_state(node_control_actor::pointer ptr, node_control_parts known) : self(ptr), parts(std::move(known)) {}

  node_control_actor::behavior_type make_behavior() {
    return {
      [this](const drain_node& request) { drain(request.by); },
      [this](const apply_fault& request) { return apply(request); },
    };
  }

  void drain(const std::string& by) {
    log_info("node {} was asked to hand over and end{}{}", parts.node, by.empty() ? "" : " by ", by);
    parts.stop(by);
  }

  caf::result<fault_applied> apply(const apply_fault& request) {
    if (!parts.chaos)
      return caf::make_error(ec::conflict, "node " + parts.node + " was not started with --chaos=on");
    switch (request.fault) {
      case node_fault::none: return fault_applied{};
      case node_fault::kill_process: return kill_process();
      case node_fault::kill_entities: return kill_entities(order_id{request.order});
      case node_fault::lose_database: return lose_database(milliseconds{request.lasts_ms});
      case node_fault::restart: return restart();
      case node_fault::refuse_appends: return refuse_appends(milliseconds{request.lasts_ms});
    }
    return caf::make_error(ec::conflict, "node " + parts.node + " does not know this fault");
  }

  caf::result<fault_applied> kill_process() {
    log_warning("fault injection kills the process of node {}", parts.node);
    // Time for the answer to leave.
    constexpr milliseconds soon{50};
    self->run_delayed(soon, [] {
      ::kill(::getpid(), SIGKILL);
      // The first process of a container is spared its own signals.
      std::_Exit(128 + SIGKILL);
    });
    return fault_applied{"its process is killed (SIGKILL); its supervisor must start it again"};
  }

  /// Asks all three at once; one that does not answer has killed no actor.
  caf::result<fault_applied> kill_entities(const order_id& order) {
    struct gathering {
      caf::typed_response_promise<fault_applied> promise;
      std::string killed;
      // Counts the asking itself, so that no answer can come too early.
      std::size_t missing = 1;
    };
    constexpr milliseconds patience{2'000};
    log_warning("fault injection kills the actors of order {}", order.value);
    const auto all = std::make_shared<gathering>();
    all->promise = self->make_response_promise<fault_applied>();
    const auto done = [all] {
      if (--all->missing > 0)
        return;
      if (all->killed.empty())
        all->promise.deliver(caf::make_error(ec::conflict, "no actor of the order is in memory there"));
      else
        all->promise.deliver(fault_applied{"the actors of its " + all->killed + " are killed without a word"});
    };
    const auto kill_one = [&](const auto& region, const std::string& id, const std::string& kind) {
      ++all->missing;
      self->request(region, patience, kill_entity{id})
        .then(
          [all, done, kind](bool was_there) {
            if (was_there)
              all->killed += (all->killed.empty() ? "" : ", ") + kind;
            done();
          },
          [done](const caf::error&) { done(); });
    };
    kill_one(parts.orders, order.value, "order");
    kill_one(parts.payments, sibling_id<payment_id>(order).value, "payment");
    kill_one(parts.deliveries, sibling_id<delivery_id>(order).value, "delivery");
    auto promise = all->promise;
    done();
    return promise;
  }

  caf::result<fault_applied> lose_database(milliseconds lasts) {
    log_warning("fault injection takes the database away from node {} for {} ms", parts.node, lasts.count());
    simulated_outage::begin(lasts);
    return fault_applied{"every call of its process to the database fails for " + std::to_string(lasts.count())
                         + " ms"};
  }

  caf::result<fault_applied> restart() {
    log_warning("fault injection restarts node {}", parts.node);
    parts.restart();
    return fault_applied{"it ends in order and starts again"};
  }

  caf::result<fault_applied> refuse_appends(milliseconds lasts) {
    log_warning("fault injection lets node {} refuse appends for {} ms", parts.node, lasts.count());
    refused_appends::begin(lasts);
    return fault_applied{"one of " + std::to_string(refused_appends::interval)
                         + " appends that others build on is refused for " + std::to_string(lasts.count()) + " ms"};
  }

  node_control_actor::pointer self;
  node_control_parts parts;
};

} // namespace

node_control_actor spawn_node_control(caf::actor_system& sys, node_control_parts parts) {
  return sys.spawn<node_control_actor::stateful_impl<node_control_state>>(std::move(parts));
}

} // namespace waybill
