#include "domain/base/log.hpp"
#include "nodes/running_node.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <functional>

namespace waybill {

void running_node::stop(shutdown_watchdog& watchdog) {
  supervisor_.release();
  struct step {
    const char* name;
    std::function<void()> run;
  };
  // First what takes requests from outside, then what the others need this node for, last what everything stands on.
  const step steps[]{
    {"the gateway", [this] { stop_gateway(); }},
    {"the first admin", [this] { end(first_admin_); }},
    {"the keeper of keys", [this] { end(key_keeper_); }},
    {"the hand-over", [this] { hand_over(); }},
    {"the probe of the database", [this] { end(store_probe_); }},
    {"the scenarios", [this] { scenarios_.use({}); }},
    {"the fault injector", [this] { end(fault_injector_); }},
    {"the watch of the log",
     [this] {
       if (actors_)
         actors_->store.watch->unsubscribe();
     }},
    {"the membership", [this] { leave_membership(); }},
    {"the node API", [this] { end(node_api_); }},
    {"the node's reporter", [this] { end(reporter_); }},
    {"the tracer of messages", [this] { end(message_tracer_); }},
    {"the cluster actor", [this] { end(cluster_); }},
    {"the node's control", [this] { end(control_); }},
    {"the readiness",
     [this] {
       for (auto& watcher : role_watchers_)
         end(watcher.sink);
     }},
    {"the actors of the roles",
     [this, &watchdog] {
       if (actors_)
         actors_->stop([&](const std::string& name, caf::actor actor) {
           watchdog.enter(name);
           end(actor);
         });
       actors_.reset();
     }},
  };
  for (const auto& next : steps) {
    watchdog.enter(next.name);
    next.run();
  }
  watchdog.enter("the actor system");
}

template <class Handle>
void running_node::end(Handle& handle) {
  if (!handle)
    return;
  caf::scoped_actor self{sys_};
  self->send_exit(handle, caf::exit_reason::user_shutdown);
  self->wait_for(handle);
  handle = nullptr;
}

void running_node::stop_gateway() {
  if (!gateway_)
    return;
  if (sources_)
    sources_->request_stop();
  gateway_->request_stop();
  if (grpc_)
    grpc_->stop(config_.gateway.drain_delay, config_.gateway.drain_timeout);
  grpc_.reset();
  // Requests under way end by themselves; half of the time is for those of others.
  if (sources_)
    sources_->join(config_.gateway.drain_timeout / 2);
  gateway_->join();
  gateway_.reset();
}

/// Gives everything that this node owns to the others, while it still answers requests that came before.
void running_node::hand_over() {
  if (!membership_ || evicted_)
    return;
  const auto limit = config_.shutdown_timeout / 4;
  caf::scoped_actor self{sys_};
  const auto complain = [&](const caf::error& reason) {
    log_warning("node {} could not hand over in order: {}", entry_.node, to_string(reason));
  };
  self->request(cluster_, limit, caf::leave_atom_v).receive([] {}, complain);
  if (!actors_->await_hand_over(sys_, limit))
    log_warning("node {} still holds entities that it handed over", entry_.node);
  caf::timespan moment = config_.shutdown_timeout / 10;
  std::uint64_t incarnation = entry_.incarnation;
  self->request(cluster_, moment, node_hello{{}, protocol_version})
    .receive([&](const node_welcome& now) { incarnation = now.incarnation; }, complain);
  std::string reason = "it was drained";
  {
    const std::lock_guard guard{drain_mutex_};
    if (!drained_by_.empty())
      reason += " by " + drained_by_;
  }
  const node_change left{cluster_event::left, entry_.node, incarnation, entry_.roles, reason};
  self->request(actors_->cluster_log, moment, left)
    .receive([] {}, complain);
}

void running_node::leave_membership() {
  if (!membership_)
    return;
  {
    caf::scoped_actor self{sys_};
    self->request(membership_, config_.membership.lease, caf::leave_atom_v)
      .receive([] {},
               [&](const caf::error& reason) {
                 log_warning("node {} leaves without giving its lease back: {}", entry_.node, to_string(reason));
               });
  }
  end(membership_);
}

} // namespace waybill
