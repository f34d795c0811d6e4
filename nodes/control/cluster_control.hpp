#pragma once

#include "nodes/cluster/cluster.hpp"
#include "nodes/cluster/cluster_view.hpp"

#include <string>

namespace waybill {

/// Brings what is asked of a node to that node, and sees to it that the last one of a role is not taken away: part of
/// the state of the cluster actor, lives and dies with it.
class cluster_control {
public:
  cluster_control(cluster_actor::pointer self, const cluster_settings& settings, const cluster_view& view)
    : self_(self), settings_(settings), view_(view) {}

  caf::result<void> drain(drain_node& what);
  caf::result<fault_applied> suffer(apply_fault& what);

private:
  [[nodiscard]] bool is_own(const std::string& node) const { return node.empty() || node == settings_.node; }
  [[nodiscard]] node_control_actor find(const std::string& node) const;
  /// One sentence when no other node has one of the roles of this one, otherwise empty.
  [[nodiscard]] std::string needed_for() const;

  cluster_actor::pointer self_;
  const cluster_settings& settings_;
  const cluster_view& view_;
};

} // namespace waybill
