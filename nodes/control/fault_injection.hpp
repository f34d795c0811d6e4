#pragma once

#include "nodes/cluster/cluster.hpp"

#include <caf/fwd.hpp>

#include <string>

namespace waybill {

struct fault_injector_settings {
  /// This node: it is left out of faults that would end it, because it gives them to the others.
  std::string node;
  /// For one request to a node.
  milliseconds request_timeout{2'000};
  /// How often the injector looks at the nodes while it waits for one of them.
  milliseconds look_interval{100};
  /// A node that was restarted must be up again within this.
  milliseconds restart_patience{15'000};
  /// How long the injector waits until another node of the same role can be reached, before a node counts as the only
  /// one.
  milliseconds others_patience{3'000};
};

/// `orders` is this node's region. Ends with send_exit.
fault_injector_actor spawn_fault_injector(caf::actor_system& sys, fault_injector_settings settings,
                                          cluster_actor cluster, order_actor orders);

} // namespace waybill
