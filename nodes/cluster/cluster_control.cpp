#include "nodes/cluster/cluster_control.hpp"

#include "domain/base/errors.hpp"
#include "nodes/cluster/gathering.hpp"
#include "nodes/options/role_words.hpp"

#include <caf/actor_cast.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace waybill {

namespace {

caf::error not_reached(const std::string& node) {
  return caf::make_error(ec::not_found, "no node named " + node + " can be reached");
}

} // namespace

caf::result<void> cluster_control::drain(drain_node& request) {
  auto control = find(request.node);
  if (!control)
    return not_reached(request.node);
  if (is_own(request.node) && !request.force)
    if (auto reason = needed_for(); !reason.empty())
      return caf::make_error(ec::conflict, std::move(reason));
  return self_->delegate(control, std::move(request));
}

caf::result<fault_applied> cluster_control::apply(apply_fault& fault) {
  auto control = find(fault.node);
  if (!control)
    return not_reached(fault.node);
  const bool ends_node = fault.fault == node_fault::kill_process || fault.fault == node_fault::restart;
  if (is_own(fault.node) && ends_node)
    if (auto reason = needed_for(); !reason.empty())
      return caf::make_error(ec::conflict, std::move(reason));
  return self_->delegate(control, std::move(fault));
}

template <class Handle, class Part, class Gathering, class Query>
void cluster_control::ask_others(Gathering& all, const Query& query) const {
  for (const auto& node : view_.list().nodes) {
    if (is_own(node.node))
      continue;
    if (const auto link = view_.link_of(node.node))
      all.template ask<Part>(caf::actor_cast<Handle>(link), node.node, settings_.hello_timeout, query);
    else
      all.miss(node.node, "it cannot be reached");
  }
}

caf::result<actor_list> cluster_control::list_actors_of(const list_cluster_actors& request) {
  const auto link = request.node.empty() ? nullptr : view_.link_of(request.node);
  if (!request.node.empty() && !link)
    return not_reached(request.node);
  gathering all{self_, actor_list{}};
  if (link)
    all.ask(caf::actor_cast<node_actor>(link), request.node, settings_.hello_timeout, request.query);
  else
    ask_others<node_actor, actor_list>(all, request.query);
  return all.answer(arranged_for(request.query));
}

caf::result<node_reports> cluster_control::reports_of_others() {
  gathering all{self_, node_reports{}};
  ask_others<node_operations_actor, node_report>(all, get_node_report{});
  return all.answer();
}

caf::result<message_trace> cluster_control::messages_of_others(trace_messages query) {
  query.everywhere = false;
  gathering all{self_, message_trace{}};
  ask_others<node_operations_actor, message_trace>(all, query);
  return all.answer();
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
