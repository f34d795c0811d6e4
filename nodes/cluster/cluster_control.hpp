#pragma once

#include "nodes/cluster/cluster.hpp"
#include "nodes/cluster/cluster_view.hpp"

#include <string>

namespace waybill {

/// Forwards requests about a node to that node, and refuses those that would end the last one of a role: part of the
/// state of the cluster actor, lives and dies with it.
class cluster_control {
public:
  cluster_control(cluster_actor::pointer self, const cluster_settings& settings, const cluster_view& view)
    : self_(self), settings_(settings), view_(view) {}

  caf::result<void> drain(drain_node& request);
  caf::result<fault_applied> apply(apply_fault& fault);
  // Of the other nodes. A live one that does not answer, or cannot be reached, is named as missing.

  /// Or of the one that is named; then it fails with not_found when that cannot be reached.
  caf::result<actor_list> list_actors_of(const list_cluster_actors& query);
  caf::result<node_reports> reports_of_others();
  caf::result<message_trace> messages_of_others(trace_messages query);

private:
  [[nodiscard]] bool is_own(const std::string& node) const { return node.empty() || node == settings_.node; }
  /// Asks them, each for a `Part` of the answer, as actors of the type `Handle`.
  template <class Handle, class Part, class Gathering, class Query>
  void ask_others(Gathering& all, const Query& query) const;
  [[nodiscard]] node_control_actor find(const std::string& node) const;
  /// One sentence when no other node has one of the roles of this one, otherwise empty.
  [[nodiscard]] std::string needed_for() const;

  cluster_actor::pointer self_;
  const cluster_settings& settings_;
  const cluster_view& view_;
};

} // namespace waybill
