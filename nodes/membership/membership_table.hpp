#pragma once

#include "messages/cluster/cluster.hpp"
#include "nodes/options/membership_settings.hpp"

#include <memory>
#include <string>

namespace waybill {

class log_watch;

/// What a look at the table shows.
struct membership_view {
  /// Every node that was ever seen up and was not forgotten yet, sorted by name; those whose lease has run out are
  /// `dead`. `reachable` stays false.
  std::vector<node_entry> nodes;
  /// Until the first of the live nodes' leases ends, if nobody renews.
  milliseconds first_lease_ends_in{0};
  /// How far the clock of this machine is ahead of the database's.
  milliseconds clock_ahead{0};
};

/// The table of nodes that all nodes of a cluster share, and this node's row in it. Leases end by the database's clock.
/// Blocks; belongs to one thread at a time; connects anew after a failure. Every function fails with ec::unavailable
/// when the database cannot be reached.
class membership_table {
public:
  virtual ~membership_table() = default;

  /// Takes the name `node`, not yet for others to see, and answers with the new incarnation, higher than any before it.
  /// Fails with ec::conflict when another process holds a live lease under this name, ec::invalid_argument when the
  /// clock of this machine is too far off.
  virtual result<std::uint64_t> join(const std::string& node) = 0;

  /// Writes where the node is: from now on others see it. Fails with ec::conflict when the lease has run out, or the
  /// row is gone or belongs to another incarnation, ec::duplicate when another live node has the address,
  /// ec::incompatible_peer when a live node speaks another protocol.
  virtual result<void> announce(const node_entry& self) = 0;

  /// Renews the lease and writes the state and the suspects. Fails with ec::conflict when the lease has run out, or the
  /// row is gone or belongs to another incarnation.
  virtual result<void> renew(const node_entry& self) = 0;

  virtual result<membership_view> look() = 0;

  /// Deletes the row if it is still that incarnation's.
  virtual result<void> leave(const std::string& node, std::uint64_t incarnation) = 0;
};

/// `url` is a libpq URL; the database must have been migrated. A protocol of zero means this program's. Each new
/// connection is shown to `watch`, if there is one.
std::unique_ptr<membership_table> open_membership_table(std::string url, const membership_settings& settings,
                                                        std::shared_ptr<log_watch> watch = nullptr);

/// The word of a state.
std::string_view state_name(node_state state);

/// How far a clock is off, as in `2h 5m ahead of`, for a sentence about the database's clock.
std::string describe_clock_offset(milliseconds ahead);

} // namespace waybill
