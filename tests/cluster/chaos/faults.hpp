#pragma once

#include "tests/cluster/chaos/accounts.hpp"
#include "tests/cluster/chaos/cluster_of_namespaces.hpp"
#include "tests/cluster/chaos/foreign_transaction.hpp"
#include "tests/cluster/chaos/history.hpp"
#include "tests/cluster/chaos/revocation.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace waybill::chaos {

/// Sleeps; throws when the run is to end early.
using waiter = std::function<void(milliseconds)>;

/// The parts of the run that some faults need.
struct surroundings {
  const accounts& people;
  /// How many events there are, unless the database cannot be asked.
  std::function<std::optional<std::size_t>()> logged;
  /// How many of them the slowest subscriber has got.
  std::function<std::size_t()> followed;
};

/// Does the faults of a schedule to a cluster, one after the other as their times come, and writes down when. Nodes
/// that end by themselves meanwhile are started again, as a supervisor would. For the main thread only.
class fault_driver {
public:
  fault_driver(cluster_of_namespaces& cluster, history& into, waiter wait);

  /// Ends each node of the role, or of `all`, and starts it again before the next.
  void restart_each(const std::string& role);
  /// Until every node is ready again, or was noted not to be.
  void await_all_ready();
  /// Looks after the nodes every now and then until `done`; false when it still is not after `limit`.
  bool wait_until(const std::function<bool()>& done, milliseconds limit);

  /// The time starts now. Returns when all have healed and every node is ready again, or was noted not to be.
  void run(const std::vector<fault>& schedule, const surroundings& around);

private:
  void begin(const fault& fault, const surroundings& around);
  void heal(const fault& fault, const surroundings& around, bool alone);
  void stop_between(const std::string& node);
  void hang_and_kill(const std::string& node);
  void refuse_appends(const fault& fault, const surroundings& around);
  void open_and_revoke(const surroundings& around);
  void look_at_revoked(const surroundings& around, bool alone);
  void end_foreign_transaction(const surroundings& around);
  std::optional<std::size_t> await_followed(const surroundings& around);
  void set_links(const fault& fault, bool up);
  void end_in_good_order(const std::string& node);
  void await_ready(const std::string& node);

  cluster_of_namespaces& cluster_;
  history& into_;
  waiter wait_;
  std::optional<foreign_transaction> foreign_;
  std::unique_ptr<revocation> revoked_;
};

} // namespace waybill::chaos
