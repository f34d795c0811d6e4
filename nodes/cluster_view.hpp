#pragma once

#include "messages/cluster.hpp"

#include <caf/actor_addr.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace waybill {

/// What one node knows of the others: who is alive by the membership table, and who of them can be reached. Only nodes
/// that are both get work. A plain value; no actor, no time.
class cluster_view {
public:
  explicit cluster_view(std::string self) : self_(std::move(self)) {}

  /// Replaces the list of live nodes. Without an entry for this node itself nobody gets work from it.
  void set_live(std::vector<node_entry> live);

  /// `link` stands for the node: its end means that the node cannot be reached. A later welcome of the same node
  /// replaces the earlier one.
  void set_reachable(node_welcome welcome, caf::actor_addr link);

  /// Forgets the node behind `link`; its name, or nothing when there was none.
  std::string forget(const caf::actor_addr& link);

  /// Whether the node can be reached under this incarnation.
  [[nodiscard]] bool reachable(const std::string& node, std::uint64_t incarnation) const;

  /// The live nodes that this one has to connect to. Of two nodes only the one whose name sorts first connects, the
  /// other one answers over the same connection: two crossing handshakes would leave CAF with half a connection each.
  [[nodiscard]] std::vector<node_entry> to_connect() const;

  /// The regions that hold the entities of `wanted`, sorted by node.
  [[nodiscard]] std::vector<region_peer> peers(role wanted) const;

  /// All live nodes, sorted by name.
  [[nodiscard]] node_list list() const;

private:
  struct link {
    node_welcome welcome;
    caf::actor_addr address;
  };

  std::string self_;
  std::vector<node_entry> live_;
  std::map<std::string, link> links_;
};

} // namespace waybill
