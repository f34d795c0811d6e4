#pragma once

#include "messages/cluster/cluster.hpp"

#include <functional>
#include <span>
#include <string>
#include <vector>

/// Which nodes own the entities of a role, by what the membership table says: every node, and every tool, comes to the
/// same.
namespace waybill {

/// The state in which a node acts, when it differs from what the table says.
using acting_state = std::function<node_state(const node_entry&)>;

/// The nodes of a role that are up. Of these, those stay that the fewest nodes cannot reach, and of two that cannot
/// reach each other the first one: a node that is cut off, or that was killed, loses its part before its lease ends.
/// `nodes` are sorted by name and outlive the result.
std::vector<const node_entry*> owners_of(role kind, std::span<const node_entry> nodes, const acting_state& state_of);

/// The nodes that own the entities of a role. Shard by shard it is `nodes[owner_of(shard, nodes)]`.
struct role_owners {
  std::string role_name;
  std::vector<std::string> nodes;
};

/// Of every role but that of gateways, which own nothing. Without nodes nobody has the role.
std::vector<role_owners> owners_by_role(std::span<const node_entry> nodes);

} // namespace waybill
