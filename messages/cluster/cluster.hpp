#pragma once

#include "messages/common.hpp"

#include <caf/actor_control_block.hpp>

#include <cstdint>
#include <string>
#include <vector>

/// Messages between nodes, and requests of tools to a node.
namespace waybill {

/// What a node does. The numbers travel between nodes: append only.
enum class role : std::uint8_t { gateway, order, payment, inventory, delivery, notification, account, function, relay };
BOOST_DESCRIBE_ENUM(role, gateway, order, payment, inventory, delivery, notification, account, function, relay)

/// A node and its region (or singleton actor) of one kind.
struct region_peer {
  std::string node;
  caf::strong_actor_ptr region;
};
BOOST_DESCRIBE_STRUCT(region_peer, (), (node, region))

/// Which nodes own the entities of one role. `self` is this node. A higher epoch replaces a lower one.
struct placement {
  std::uint64_t epoch = 0;
  std::string self;
  /// The owners, by the membership table: the same on every node. A region is null while this node cannot reach it.
  std::vector<region_peer> peers;
  /// Regions of live nodes that own nothing any more, but still answer earlier requests.
  std::vector<region_peer> leaving = {};
  /// This node lost its lease: other nodes own its entities now, and do not wait for it.
  bool fenced = false;
};
BOOST_DESCRIBE_STRUCT(placement, (), (epoch, self, peers, leaving, fenced))

/// Asks a region to answer once every entity that it handed over has ended here.
struct finish_hand_over {};
BOOST_DESCRIBE_STRUCT(finish_hand_over, (), ())

/// The regions of this node, to which its entities send commands for entities of other kinds.
struct region_handles {
  caf::strong_actor_ptr orders;
  caf::strong_actor_ptr products;
  caf::strong_actor_ptr payments;
  caf::strong_actor_ptr deliveries;
  caf::strong_actor_ptr couriers = {};
};
BOOST_DESCRIBE_STRUCT(region_handles, (), (orders, products, payments, deliveries, couriers))

// -- membership -------------------------------------------------------------------------------------------------------

/// A node owns entities only while it is `up`. `dead`: its lease has run out; never stored, always told from the lease.
enum class node_state : std::uint8_t { joining, up, leaving, dead };
BOOST_DESCRIBE_ENUM(node_state, joining, up, leaving, dead)

/// A node changed its row of the membership table: answers when this node has read the table and acts on it.
struct membership_changed {};
BOOST_DESCRIBE_STRUCT(membership_changed, (), ())

/// Something that happened to a node, for the stream `cluster` of the event log. `type` is the event's.
struct node_change {
  std::string type;
  std::string node;
  std::uint64_t incarnation = 0;
  std::vector<role> roles;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(node_change, (), (type, node, incarnation, roles, reason))

// -- between nodes ----------------------------------------------------------------------------------------------------

struct node_hello {
  std::string node;
  std::uint32_t protocol = 0;
};
BOOST_DESCRIBE_STRUCT(node_hello, (), (node, protocol))

/// One of the regions of a role; most roles have one. The numbers travel between nodes: append only.
enum class role_part : std::uint8_t { main, couriers, webhooks, bulk_actions };
BOOST_DESCRIBE_ENUM(role_part, main, couriers, webhooks, bulk_actions)

/// A region of the answering node; a node without the role has none.
struct role_region {
  waybill::role role = waybill::role::gateway;
  caf::strong_actor_ptr region;
  role_part part = role_part::main;
};
BOOST_DESCRIBE_STRUCT(role_region, (), (role, region, part))

struct node_welcome {
  std::string node;
  std::uint64_t incarnation = 0;
  std::vector<role_region> regions;
  /// The node_api_actor of the node, whoever of its actors was greeted.
  caf::strong_actor_ptr api = {};
};
BOOST_DESCRIBE_STRUCT(node_welcome, (), (node, incarnation, regions, api))

// -- inspection -------------------------------------------------------------------------------------------------------

struct list_actors {
  /// `order`, `product`, ... or empty for all.
  std::string type;
  bool by_mailbox = false;
  std::uint32_t limit = 100;
};
BOOST_DESCRIBE_STRUCT(list_actors, (), (type, by_mailbox, limit))

struct actor_entry {
  std::string type;
  std::string id;
  std::string node;
  /// Messages that wait for the actor, or in it.
  std::uint64_t mailbox = 0;
  /// Messages handled since the actor was started.
  std::uint64_t handled = 0;
};
BOOST_DESCRIBE_STRUCT(actor_entry, (), (type, id, node, mailbox, handled))

struct actor_list {
  std::vector<actor_entry> actors;
  /// How many there are; `actors` may be cut off at the limit.
  std::uint64_t total = 0;
  /// The nodes that did not answer in whole; `all_other_nodes` when not even their names are known.
  std::vector<std::string> missing = {};
};
BOOST_DESCRIBE_STRUCT(actor_list, (), (actors, total, missing))

/// The actors of all nodes, or of the one that is named.
struct list_cluster_actors {
  std::string node;
  list_actors query;
};
BOOST_DESCRIBE_STRUCT(list_cluster_actors, (), (node, query))

/// Asks for one entity by kind and id, on whatever node it is.
struct inspect_actor {
  std::string type;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(inspect_actor, (), (type, id))

struct list_nodes {};
BOOST_DESCRIBE_STRUCT(list_nodes, (), ())

struct node_entry {
  std::string node;
  std::uint64_t incarnation = 0;
  std::string address;
  /// Where its gateway listens; empty without one.
  std::string http;
  std::vector<role> roles;
  timestamp lease_until;
  bool reachable = false;
  node_state state = node_state::up;
  /// The nodes that this one cannot reach.
  std::vector<std::string> suspects = {};
};
BOOST_DESCRIBE_STRUCT(node_entry, (),
                      (node, incarnation, address, http, roles, lease_until, reachable, state, suspects))

struct node_list {
  std::vector<node_entry> nodes;
};
BOOST_DESCRIBE_STRUCT(node_list, (), (nodes))

} // namespace waybill
