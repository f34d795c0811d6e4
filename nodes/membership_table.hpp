#pragma once

#include "messages/cluster.hpp"

#include <memory>
#include <string>

namespace waybill {

/// The table of nodes that all nodes of a cluster share, and this node's row in it. Leases end by the database's clock.
/// Blocks; belongs to one thread at a time; connects anew after a failure. Every function fails with ec::unavailable
/// when the database cannot be reached.
class membership_table {
public:
  virtual ~membership_table() = default;

  /// Takes the name `node`, not yet for others to see, and answers with the new incarnation, higher than any before it.
  /// Fails with ec::conflict when another process holds a live lease under this name.
  virtual result<std::uint64_t> join(const std::string& node) = 0;

  /// Renews the lease and writes where the node is; from the first time on, others see it. Fails with ec::conflict when
  /// the row is gone or belongs to another incarnation.
  virtual result<void> renew(const node_entry& self) = 0;

  /// The nodes that have renewed and whose lease holds, sorted by name. `reachable` stays false.
  virtual result<node_list> live() = 0;

  /// Deletes the row if it is still that incarnation's.
  virtual result<void> leave(const std::string& node, std::uint64_t incarnation) = 0;
};

struct membership_settings {
  /// A node that did not renew for so long counts as dead.
  milliseconds lease{4'000};
  milliseconds renewal{1'000};
};

/// `url` is a libpq URL; the database must have been migrated.
std::unique_ptr<membership_table> open_membership_table(std::string url, const membership_settings& settings);

/// `order,payment` and back; the words of `role`. Reading leaves out words that it does not know.
std::string roles_to_text(const std::vector<role>& roles);
std::vector<role> roles_from_text(std::string_view text);

/// The word of a role, and the role of a word; nothing when there is none.
std::string_view role_name(role wanted);
std::optional<role> role_of(std::string_view name);

} // namespace waybill
