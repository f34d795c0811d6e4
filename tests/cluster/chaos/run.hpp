#pragma once

#include "tests/cluster/chaos/checker.hpp"
#include "tests/cluster/chaos/faults.hpp"
#include "tests/cluster/chaos/history.hpp"

#include <map>
#include <string>
#include <vector>

namespace waybill::chaos {

struct run_settings {
  std::uint64_t seed = 1;
  milliseconds duration{60'000};
  std::vector<member> members = standard_members();
  std::vector<fault_kind> kinds = all_faults();
  /// Whom faults are aimed at; empty: every role.
  std::vector<std::string> roles;
  /// Orders a second.
  std::size_t rate = 15;
  std::size_t followers = 3;
  bool with_links = true;
  /// Lines of closed orders that each product has before the load, and events that are logged without a subscriber;
  /// zero: none.
  std::uint64_t past_lines = 50'000;
  std::uint64_t quiet_events = 30'000;
  /// In the end PostgreSQL is put back to a backup.
  bool with_restore = false;
  /// A request that fails while nodes are drained is a violation.
  bool require_drain = false;
  /// The time after all faults have healed in which every order must come to rest. Longer than the deadlines of an
  /// order's steps in the nodes' options.
  milliseconds settle_limit{150'000};
  std::vector<std::string> node_words;
  std::string program;
  /// Where the logs of all processes go if something was violated; empty: nowhere.
  std::string keep;
};

struct run_result {
  history seen;
  std::vector<violation> violations;
  std::vector<violation> drain_failures;
  std::vector<stand_still> losses;
  /// The longest time without progress of an order without any fault.
  std::optional<milliseconds> longest_without_fault;
  std::map<std::string, std::size_t> orders_by_status;
  std::uint64_t events = 0;
  std::uint64_t ledger_entries = 0;
  std::size_t follower_connections = 0;
};

schedule_settings schedule_of(const run_settings& settings);

/// Runs one cluster, one schedule, one load, and all checks. For the main thread only. Throws the exceptions of `wait`,
/// and std::runtime_error when the cluster cannot be started; no process stays alive in either case.
run_result run(const run_settings& settings, const waiter& wait);

} // namespace waybill::chaos
