#pragma once

#include "tests/cluster/chaos/cluster_of_namespaces.hpp"
#include "tests/cluster/chaos/history.hpp"

#include <functional>
#include <string>
#include <vector>

namespace waybill::chaos {

/// Sleeps; throws when the run is to end early.
using waiter = std::function<void(milliseconds)>;

/// Does the faults of a schedule to a cluster, one after the other as their times come, and writes down when. Nodes
/// that end by themselves meanwhile are started again, as a supervisor would. For the main thread only.
class fault_driver {
public:
  fault_driver(cluster_of_namespaces& cluster, history& into, waiter wait);

  /// The time starts now. Returns when all have healed and every node is ready again, or was noted not to be.
  void run(const std::vector<fault>& schedule);

private:
  void begin(const fault& what);
  void heal(const fault& what);
  void set_links(const fault& what, bool up);
  void restart_each(const std::string& role);
  void end_in_good_order(const std::string& node);
  void await_ready(const std::string& node);
  /// Looks after the nodes every now and then until `done`; false when it still is not after `limit`.
  bool wait_until(const std::function<bool()>& done, milliseconds limit);

  cluster_of_namespaces& cluster_;
  history& into_;
  waiter wait_;
};

} // namespace waybill::chaos
