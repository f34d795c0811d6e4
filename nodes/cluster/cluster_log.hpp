#pragma once

#include "actors/entity/services.hpp"
#include "messages/actors.hpp"

#include <caf/fwd.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace waybill {

/// What the stream `cluster` says of a node, newest incarnation only.
struct known_node {
  std::string node;
  std::uint64_t incarnation = 0;
  bool up = false;
  bool suspected = false;
  bool fenced = false;
};
BOOST_DESCRIBE_STRUCT(known_node, (), (node, incarnation, up, suspected, fenced))

struct cluster_history {
  std::vector<known_node> nodes;
  /// The newest generation of the log that the stream tells of.
  std::uint64_t log_generation = 0;
};
BOOST_DESCRIBE_STRUCT(cluster_history, (), (nodes, log_generation))

namespace cluster_event {
inline constexpr const char* joined = "cluster.node_joined";
inline constexpr const char* left = "cluster.node_left";
inline constexpr const char* suspected = "cluster.node_suspected";
inline constexpr const char* fenced = "cluster.node_fenced";
/// The change's `incarnation` is the log's generation, its node the one that found it.
inline constexpr const char* log_replaced = "cluster.log_replaced";
} // namespace cluster_event

/// The events that `change` leads to: none when the stream tells it already. A node that joins again without having
/// left has left.
std::vector<node_change> decide(const cluster_history& history, const node_change& change);
void apply(cluster_history& history, const node_change& event);

/// Writes what happens to nodes into the stream `cluster`, once, however many nodes report it.
using cluster_log_actor = caf::typed_actor<
  // Answers when the stream tells it. Fails with overloaded when too many changes wait for the database.
  caf::result<void>(node_change)>;

/// Ends with send_exit.
cluster_log_actor spawn_cluster_log(caf::actor_system& sys, const entity_services& services);

} // namespace waybill
