#pragma once

#include "tests/cluster/chaos/accounts.hpp"
#include "tests/cluster/chaos/cluster_of_namespaces.hpp"
#include "tests/cluster/chaos/faults.hpp"
#include "tests/cluster/chaos/followers.hpp"
#include "tests/cluster/chaos/history.hpp"

#include <functional>
#include <string>
#include <vector>

namespace waybill::chaos {

/// The parts of the run that a restore needs.
struct restore_steps {
  /// Places orders; returns the ids of the accepted ones.
  std::function<std::vector<std::string>()> place_orders_to_lose;
  std::function<void()> place_orders;
  /// Whether every subscriber has all that is logged.
  std::function<bool()> all_followed;
  /// An order that was there before.
  std::string kept_order;
};

/// Under running nodes and subscribers PostgreSQL is put back to a backup: orders that were accepted after it are gone,
/// and what took their place in the log must not be taken for them. Notes how positions and lost orders are answered.
/// For the main thread only; throws std::runtime_error when it cannot be done.
void restore_under_load(cluster_of_namespaces& cluster, fault_driver& driver, const accounts& people,
                        const followers& subscribers, const restore_steps& steps, history& into);

} // namespace waybill::chaos
