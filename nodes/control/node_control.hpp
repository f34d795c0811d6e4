#pragma once

#include "messages/actors.hpp"

#include <caf/fwd.hpp>

#include <functional>
#include <string>

namespace waybill {

struct node_control_parts {
  std::string node;
  /// Whether this node takes part in fault injection.
  bool chaos = false;
  /// The regions of this node.
  order_region_actor orders;
  payment_region_actor payments;
  delivery_region_actor deliveries;
  /// Ends the process in order, as SIGTERM does, for whoever asked for it. May be called from any thread.
  std::function<void(const std::string& by)> stop;
  /// Ends it so for nobody in particular, and then executes the program anew.
  std::function<void()> restart;
};

/// Drains this node and applies faults to it. It does not look at other nodes: the caller has checked that they can do
/// without this one. Ends with send_exit.
node_control_actor spawn_node_control(caf::actor_system& sys, node_control_parts parts);

} // namespace waybill
