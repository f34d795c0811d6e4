#pragma once

#include "nodes/cluster/cluster.hpp"
#include "nodes/cluster/membership_table.hpp"

#include <functional>
#include <memory>
#include <string>

namespace waybill {

/// The actor takes the table, in which `self` has joined and was announced under its incarnation, and blocks in it:
/// spawned detached. It starts at once. When the lease runs out, because this process was stopped or the database was
/// away, it tells the cluster actor so and joins anew under a higher incarnation. `on_evicted` runs in the actor's
/// thread when that is impossible, because another process has taken the node's name or address: this one must end.
membership_actor spawn_membership(caf::actor_system& sys, std::shared_ptr<membership_table> table,
                                  const membership_settings& settings, node_entry self, cluster_actor cluster,
                                  std::function<void()> on_evicted);

/// The same behaviour in the thread pool, for tests with a table that does not block.
membership_actor spawn_undetached_membership(caf::actor_system& sys, std::shared_ptr<membership_table> table,
                                             const membership_settings& settings, node_entry self,
                                             cluster_actor cluster, std::function<void()> on_evicted);

} // namespace waybill
