#pragma once

#include "actors/entity/services.hpp"
#include "messages/actors.hpp"
#include "messages/cluster/known_troubles.hpp"
#include "nodes/cluster/cluster_log.hpp"
#include "nodes/membership/membership.hpp"

#include <caf/fwd.hpp>
#include <caf/node_id.hpp>
#include <caf/timespan.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace waybill {

/// Connects this node to the others and tells the local regions which node holds which entities.
using cluster_actor = membership_observer_actor::extend<
  // Answers with this node's regions, and asks a node that it does not know back. Fails with incompatible_peer.
  caf::result<node_welcome>(node_hello),
  // The node_api_actor of this node, for the others; comes before the first update.
  caf::result<void>(caf::publish_atom, caf::strong_actor_ptr),
  // The live nodes.
  caf::result<node_list>(list_nodes),
  // Another node changed its row: answers when this one has looked and acts on it.
  caf::result<void>(membership_changed),
  // Gives all entities away; answers when the others know.
  caf::result<void>(caf::leave_atom),
  // Looks whether the own lease still holds.
  caf::result<void>(caf::tick_atom),
  // The actors of the other nodes. Fails with not_found.
  caf::result<actor_list>(list_cluster_actors),
  // What the other nodes have measured of themselves.
  caf::result<node_reports>(gather_node_reports),
  // What the other nodes have noted of a traced order.
  caf::result<message_trace>(trace_messages),
  // As those of node_control_actor, for every node of the cluster.
  caf::result<void>(drain_node), caf::result<fault_applied>(apply_fault)>;

/// The part of CAF's middleman actor that connects to other nodes; tests put their own in its place.
using connector_actor = caf::typed_actor<caf::result<caf::node_id, caf::strong_actor_ptr, std::set<std::string>>(
  caf::connect_atom, std::string, std::uint16_t)>;

/// What is told the placement of one kind of entity: its local region, for example.
using placement_sink = caf::typed_actor<caf::result<void>(placement)>;

struct local_sink {
  waybill::role role = waybill::role::order;
  placement_sink sink;
  role_part part = role_part::main;
};

struct cluster_settings {
  std::string node;
  std::uint64_t incarnation = 0;
  /// The regions of this node's own roles.
  std::vector<role_region> own_regions;
  /// All regions of this node, with the role or without: each gets every placement of its kind.
  std::vector<local_sink> sinks;
  /// How long the node may serve after its last renewal; nothing when no lease is needed (one node alone).
  std::optional<caf::timespan> lease;
  /// Extended with every renewal, if there is one.
  std::shared_ptr<serving_lease> serving = nullptr;
  /// Records what happens to nodes; may be null.
  cluster_log_actor log = {};
  /// Told of nodes that cannot be reached and roles that nobody has; may be null.
  std::shared_ptr<known_troubles> troubles = nullptr;
  /// Drains this node and applies faults to it; may be null.
  node_control_actor control = {};
  milliseconds connect_timeout{3'000};
  milliseconds hello_timeout{2'000};
  /// A node that joins waits so long to be connected to all others before it takes entities.
  milliseconds join_patience{2'000};
  /// A node that cannot be reached for so long is suspected, for all to see.
  milliseconds suspect_after{1'000};
  /// How long this node waits for the others when it tells them of a change.
  milliseconds tell_timeout{1'000};
};

/// Ends with send_exit. A placement goes out only when it has changed; its epoch grows each time. When the lease runs
/// out without a renewal, every sink gets an empty placement that says so.
cluster_actor spawn_cluster(caf::actor_system& sys, cluster_settings settings, connector_actor connector);

} // namespace waybill
