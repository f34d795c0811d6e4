#pragma once

#include "domain/base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Which faults come when. Pure: the same settings give the same schedule.
namespace waybill::chaos {

struct member {
  std::string name;
  /// One role or several, separated by commas.
  std::string role;
};

bool has_role(const member& member, std::string_view role);

/// 2 gateways, 2 order, 2 payment, 2 inventory, 2 delivery nodes, 1 for notifications, 1 for accounts, and 1 that is
/// both a gateway and an order node: it answers reads from its memory.
std::vector<member> standard_members();

/// 3 nodes that have every role: most of what an order needs is done within one of them.
std::vector<member> whole_members();

/// The database's server, where a fault names a member.
inline constexpr std::string_view database = "postgres";

enum class fault_kind : std::uint8_t {
  /// SIGKILL, and started again when it heals.
  kill,
  /// SIGSTOP for longer than a lease, then SIGCONT.
  stop,
  /// The same between two messages: PostgreSQL hangs until the node has asked for its lease; then the node is stopped,
  /// and the answer waits in its socket until the node continues. The lease counts from when the answer was given.
  stop_between,
  /// Packets from `target` to `peer` vanish, and the other way round too unless `one_way`.
  cut,
  /// The network cable of a node is pulled.
  isolate,
  /// PostgreSQL is stopped in good order.
  database_stop,
  /// PostgreSQL ends at once, as in a crash, and recovers.
  database_crash,
  /// Every session of the database is terminated.
  terminate,
  /// PostgreSQL crashes, then the node is killed while its writes wait, then both come back.
  outage_kill,
  /// PostgreSQL hangs, and the node is killed while a commit is under way and all that it has placed since waits behind
  /// that; PostgreSQL goes on at once, the node is started again when it heals.
  hang_kill,
  /// The journals of all nodes refuse some of the appends that others have built on.
  refuse,
  /// Somebody holds a transaction open in another database of the server.
  foreign_transaction,
  /// A service key is revoked, a user disabled, and another user loses a role, while their event streams are open.
  revoke,
  /// SIGTERM to each node of a role, or to all, in turn; each is started again before the next.
  roll,
  /// Another node of a role joins, and leaves by SIGTERM when the fault heals.
  join,
  /// The cable is pulled and the node killed: its peers and the database's sessions are not told that it is gone.
  power_loss
};

/// The word of the command line: `kill`, `pg-crash`.
std::string_view word_of(fault_kind kind) noexcept;
std::optional<fault_kind> fault_of(std::string_view word) noexcept;
std::vector<fault_kind> all_faults();

/// Whether it can only be done between network namespaces.
bool needs_links(fault_kind kind) noexcept;

/// The fault drains nodes: no request should fail.
bool drains(fault_kind kind) noexcept;

struct fault {
  fault_kind kind = fault_kind::kill;
  /// Since the start of the load.
  milliseconds at{0};
  /// The time until it heals; zero for faults that end at once or by themselves.
  milliseconds lasts{0};
  /// A node, the database, or for roll and join a role (`all` for every node).
  std::string target;
  std::string peer;
  bool one_way = false;
};

std::string describe(const fault& fault);

struct schedule_settings {
  std::uint64_t seed = 1;
  milliseconds duration{60'000};
  std::vector<fault_kind> kinds = all_faults();
  std::vector<member> members = standard_members();
  /// Whom faults are aimed at; empty: every role.
  std::vector<std::string> roles = {};
  /// The lease of a node.
  milliseconds lease{4'000};
  /// Within what time an open stream must end whose right was taken away.
  milliseconds revoked_within{4'000};
};

/// All kinds come equally often, in an order that the seed decides. Sometimes a fault begins while another lasts.
std::vector<fault> make_schedule(const schedule_settings& settings);

/// Whether the cluster is otherwise healthy from a while before `schedule[index]` until the time to recover from it is
/// over: then it alone is to blame for what happens.
bool stands_alone(const std::vector<fault>& schedule, std::size_t index);

} // namespace waybill::chaos
