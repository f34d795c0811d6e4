#pragma once

#include "messages/actors.hpp"

#include <caf/fwd.hpp>
#include <caf/node_id.hpp>
#include <caf/timespan.hpp>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace waybill {

/// Connects this node to the others and tells the local regions who holds what.
using cluster_actor = caf::typed_actor<
  // Answers with this node's regions, and asks a node that it does not know back. Fails with incompatible_peer.
  caf::result<node_welcome>(node_hello),
  // The live nodes.
  caf::result<node_list>(list_nodes),
  // The live nodes as they were so long ago, at which time the own lease was renewed.
  caf::result<void>(caf::update_atom, node_list, caf::timespan),
  // Looks whether the own lease still holds.
  caf::result<void>(caf::tick_atom)>;

/// The part of CAF's middleman actor that connects to other nodes; tests put their own in its place.
using connector_actor = caf::typed_actor<caf::result<caf::node_id, caf::strong_actor_ptr, std::set<std::string>>(
  caf::connect_atom, std::string, std::uint16_t)>;

/// Whoever wants to know the placement of one role: the local region of it.
using placement_sink = caf::typed_actor<caf::result<void>(placement)>;

struct local_sink {
  waybill::role role = waybill::role::order;
  placement_sink sink;
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
  milliseconds connect_timeout{3'000};
  milliseconds hello_timeout{2'000};
};

/// Ends with send_exit. A placement goes out only when the set of reachable live nodes of its role has changed; its
/// epoch grows each time. When the lease runs out without a renewal, every sink gets an empty placement.
cluster_actor spawn_cluster(caf::actor_system& sys, cluster_settings settings, connector_actor connector);

} // namespace waybill
