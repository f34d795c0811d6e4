#include "nodes/control/cluster_control.hpp"

#include "domain/base/errors.hpp"
#include "nodes/cluster/membership_table.hpp"

#include <caf/actor_cast.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace waybill {

caf::result<void> cluster_control::drain(drain_node& what) {
  auto whom = find(what.node);
  if (!whom)
    return caf::make_error(ec::not_found, "no node named " + what.node + " can be reached");
  if (is_own(what.node) && !what.force)
    if (auto reason = needed_for(); !reason.empty())
      return caf::make_error(ec::conflict, std::move(reason));
  return self_->delegate(whom, std::move(what));
}

caf::result<fault_applied> cluster_control::suffer(apply_fault& what) {
  auto whom = find(what.node);
  if (!whom)
    return caf::make_error(ec::not_found, "no node named " + what.node + " can be reached");
  const bool goes = what.fault == node_fault::kill_process || what.fault == node_fault::restart;
  if (is_own(what.node) && goes)
    if (auto reason = needed_for(); !reason.empty())
      return caf::make_error(ec::conflict, std::move(reason));
  return self_->delegate(whom, std::move(what));
}

node_control_actor cluster_control::find(const std::string& node) const {
  if (is_own(node))
    return settings_.control;
  const auto link = view_.link_of(node);
  return link ? caf::actor_cast<node_control_actor>(link) : node_control_actor{};
}

std::string cluster_control::needed_for() const {
  const auto roles = view_.roles_held_alone();
  if (roles.empty())
    return {};
  return "node " + settings_.node + " is the only one that serves as " + roles_to_text(roles);
}

} // namespace waybill
