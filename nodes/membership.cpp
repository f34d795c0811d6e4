#include "nodes/membership.hpp"

#include "nodes/log.hpp"

#include <caf/actor_system.hpp>
#include <caf/spawn_options.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace waybill {

namespace {

struct membership_state {
  static inline const char* name = "waybill.membership";

  membership_state(membership_actor::pointer ptr, std::shared_ptr<membership_table> shared_table,
                   const membership_settings& options, node_entry entry, cluster_actor told,
                   std::function<void()> evicted)
    : self(ptr), table(std::move(shared_table)), settings(options), me(std::move(entry)), cluster(std::move(told)),
      on_evicted(std::move(evicted)) {}

  membership_actor::behavior_type make_behavior() {
    self->send(self, caf::tick_atom_v);
    return {
      [this](caf::tick_atom) { renew(); },
      [this](caf::leave_atom) { return leave(); },
    };
  }

  void renew() {
    const auto start = self->clock().now();
    if (auto renewed = table->renew(me); renewed.has_error()) {
      if (renewed.error().code == ec::conflict) {
        evict(renewed.error().detail);
        return;
      }
      if (const auto again = failures.report("renew"))
        log_warning("node {} cannot renew its lease: {}{}", me.node, renewed.error().detail, *again);
    } else if (auto live = table->live(); live.has_value()) {
      if (failures.forget("renew"))
        log_info("node {} renews its lease again", me.node);
      caf::anon_send(cluster, caf::update_atom_v, std::move(*live), caf::timespan{self->clock().now() - start});
    }
    self->delayed_send(self, settings.renewal, caf::tick_atom_v);
  }

  /// Somebody else is this node now: whatever it still holds, it may not serve it.
  void evict(const std::string& reason) {
    log_error("node {} was evicted from the cluster and ends: {}", me.node, reason);
    caf::anon_send(cluster, caf::update_atom_v, node_list{}, caf::timespan{0});
    on_evicted();
    self->quit();
  }

  caf::result<void> leave() {
    const auto left = table->leave(me.node, me.incarnation);
    self->quit();
    if (left.has_error())
      return caf::make_error(left.error().code, left.error().detail);
    return caf::unit;
  }

  membership_actor::pointer self;
  std::shared_ptr<membership_table> table;
  membership_settings settings;
  node_entry me;
  cluster_actor cluster;
  std::function<void()> on_evicted;
  failure_log failures;
};

using membership_impl = membership_actor::stateful_impl<membership_state>;

} // namespace

membership_actor spawn_membership(caf::actor_system& sys, std::shared_ptr<membership_table> table,
                                  const membership_settings& settings, node_entry self, cluster_actor cluster,
                                  std::function<void()> on_evicted) {
  return sys.spawn<membership_impl, caf::detached>(std::move(table), settings, std::move(self), std::move(cluster),
                                                   std::move(on_evicted));
}

membership_actor spawn_undetached_membership(caf::actor_system& sys, std::shared_ptr<membership_table> table,
                                             const membership_settings& settings, node_entry self,
                                             cluster_actor cluster, std::function<void()> on_evicted) {
  return sys.spawn<membership_impl>(std::move(table), settings, std::move(self), std::move(cluster),
                                    std::move(on_evicted));
}

} // namespace waybill
