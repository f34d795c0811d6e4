#pragma once

#include "nodes/cluster.hpp"
#include "nodes/membership_table.hpp"

#include <functional>
#include <memory>
#include <string>

namespace waybill {

/// Keeps this node's lease and tells the cluster actor who else is alive.
using membership_actor = caf::typed_actor<
  // Renews, reads, tells, and again after the renewal time.
  caf::result<void>(caf::tick_atom),
  // Gives the lease back and ends. Fails with unavailable: then the lease runs out by itself.
  caf::result<void>(caf::leave_atom)>;

/// The actor takes the table, in which `self` has joined already under its incarnation, and blocks in it: spawned
/// detached. It starts at once. `on_evicted` runs in the actor's thread when another process has taken the node's name:
/// this one must end.
membership_actor spawn_membership(caf::actor_system& sys, std::shared_ptr<membership_table> table,
                                  const membership_settings& settings, node_entry self, cluster_actor cluster,
                                  std::function<void()> on_evicted);

/// The same behaviour in the thread pool, for tests with a table that does not block.
membership_actor spawn_undetached_membership(caf::actor_system& sys, std::shared_ptr<membership_table> table,
                                             const membership_settings& settings, node_entry self,
                                             cluster_actor cluster, std::function<void()> on_evicted);

} // namespace waybill
