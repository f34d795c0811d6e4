#pragma once

#include "messages/cluster/cluster.hpp"

#include <caf/actor_control_block.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace waybill {

/// What one node knows of the others: what the membership table says, and which of them can be reached. The table alone
/// decides which node owns which entities, so that all nodes come to the same placement; which nodes this one can reach
/// only decides where it can send. A plain value; no actor, no time.
class cluster_view {
public:
  explicit cluster_view(std::string self) : self_(std::move(self)) {}

  /// Replaces what the table says, dead nodes included.
  void set_nodes(std::vector<node_entry> nodes);

  /// The state that this node acts in, whatever the table says; nothing: what the table says.
  void hold_state(std::optional<node_state> state) { held_ = state; }

  /// `link` is the actor that stands for the node: its end means that the node cannot be reached. A later welcome of
  /// the same node replaces the earlier one.
  void set_reachable(node_welcome welcome, caf::strong_actor_ptr link);

  /// Forgets the node behind `link`; its name, or nothing when there was none.
  std::string forget(const caf::actor_addr& link);

  /// Whether the node can be reached under this incarnation.
  [[nodiscard]] bool reachable(const std::string& node, std::uint64_t incarnation) const;

  /// The state of this node; dead when the table does not have it under its incarnation.
  [[nodiscard]] node_state own_state() const;

  /// The live nodes that this one has to connect to. Of two nodes only the one whose name sorts first connects, the
  /// other one answers over the same connection: two crossing handshakes would leave CAF with half a connection each.
  [[nodiscard]] std::vector<node_entry> to_connect() const;

  /// The nodes that are up but cannot be reached.
  [[nodiscard]] std::vector<node_entry> unreachable() const;

  /// The owners of the entities of a role, sorted by node; see owners_of. Epoch and self stay empty.
  [[nodiscard]] placement place(role kind, role_part part = role_part::main) const;

  /// All live nodes, and all dead ones, sorted by name.
  [[nodiscard]] node_list list() const;
  [[nodiscard]] std::vector<node_entry> dead() const;

  /// The actors that stand for the other live nodes.
  [[nodiscard]] std::vector<caf::strong_actor_ptr> links() const;
  /// Null when the node is not live or cannot be reached.
  [[nodiscard]] caf::strong_actor_ptr link_of(const std::string& node) const;

  /// The roles of this node that no other node has which is up and can be reached.
  [[nodiscard]] std::vector<role> roles_held_alone() const;

private:
  struct link {
    node_welcome welcome;
    caf::strong_actor_ptr actor;
  };

  [[nodiscard]] node_state state_of(const node_entry& entry) const;
  [[nodiscard]] std::vector<const node_entry*> owners(role kind) const;
  [[nodiscard]] caf::strong_actor_ptr region_of(const node_entry& entry, role kind, role_part part) const;

  std::string self_;
  std::optional<node_state> held_;
  std::vector<node_entry> nodes_;
  std::map<std::string, link> links_;
};

} // namespace waybill
