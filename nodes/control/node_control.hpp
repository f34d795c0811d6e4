#pragma once

#include "messages/actors.hpp"

#include <caf/fwd.hpp>

#include <functional>
#include <string>

namespace waybill {

struct node_control_parts {
  std::string node;
  /// Whether faults are suffered on purpose.
  bool chaos = false;
  /// The regions of this node.
  order_region_actor orders;
  payment_region_actor payments;
  delivery_region_actor deliveries;
  /// Ends the process in order, as SIGTERM does. May be called from any thread.
  std::function<void()> stop;
  /// The same, and then executes the program anew.
  std::function<void()> restart;
};

/// Carries out what is asked of this node, without looking at others: whoever asks it knows that it may. Ends with
/// send_exit.
node_control_actor spawn_node_control(caf::actor_system& sys, node_control_parts parts);

} // namespace waybill
