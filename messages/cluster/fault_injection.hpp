#pragma once

#include "messages/common.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// Draining a node, and fault injection, which only nodes with --chaos=on take part in.
namespace waybill {

/// Asks the named node (empty: the one that is asked) to hand over its entities and end, as SIGTERM does.
struct drain_node {
  std::string node;
  /// Even if no other node has one of its roles.
  bool force = false;
  /// Who asked for it, for the event of its end: "operator usr_..., request req_...". Empty: unknown.
  std::string by;
};
BOOST_DESCRIBE_STRUCT(drain_node, (), (node, force, by))

/// Ends an entity of this node at once, as a defect would.
struct kill_entity {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(kill_entity, (), (id))

/// What happens to one node. The numbers travel between nodes: append only.
enum class node_fault : std::uint8_t {
  /// Nothing: only asks whether the node takes part.
  none,
  /// Its process is killed (SIGKILL), if other nodes have all of its roles.
  kill_process,
  /// The actors of an order, its payment and its delivery on that node are killed.
  kill_entities,
  /// For a while every call of its process to a database fails.
  lose_database,
  /// It is drained, and its process starts the program again, if other nodes have all of its roles.
  restart,
  /// For a while its journal refuses some appends that others build on, as if another writer had been first.
  refuse_appends
};
BOOST_DESCRIBE_ENUM(node_fault, none, kill_process, kill_entities, lose_database, restart, refuse_appends)

struct apply_fault {
  std::string node;
  node_fault fault = node_fault::none;
  /// Only with kill_entities.
  std::string order;
  /// Only with lose_database and refuse_appends.
  std::uint32_t lasts_ms = 0;
};
BOOST_DESCRIBE_STRUCT(apply_fault, (), (node, fault, order, lasts_ms))

struct fault_applied {
  /// What happened, as the end of a sentence.
  std::string description;
};
BOOST_DESCRIBE_STRUCT(fault_applied, (), (description))

/// What happens to the cluster.
enum class cluster_fault : std::uint8_t { kill_owner, database_away, rolling_restart, refuse_appends };
BOOST_DESCRIBE_ENUM(cluster_fault, kill_owner, database_away, rolling_restart, refuse_appends)

struct inject_fault {
  cluster_fault fault = cluster_fault::kill_owner;
  /// Whose owner is killed.
  std::string order;
  /// How long the database is away, appends are refused, or restarts may be started.
  std::uint32_t lasts_ms = 0;
};
BOOST_DESCRIBE_STRUCT(inject_fault, (), (fault, order, lasts_ms))

struct get_injected_fault {};
BOOST_DESCRIBE_STRUCT(get_injected_fault, (), ())

/// The last fault.
struct injected_fault {
  cluster_fault fault = cluster_fault::kill_owner;
  bool running = false;
  /// It has ended, but not as intended.
  bool failed = false;
  /// What has happened, a sentence each.
  std::vector<std::string> steps;
};
BOOST_DESCRIBE_STRUCT(injected_fault, (), (fault, running, failed, steps))

} // namespace waybill
