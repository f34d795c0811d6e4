#pragma once

#include "actors/audit/auditor.hpp"
#include "actors/feed/notifier.hpp"
#include "messages/entity_types.hpp"
#include "messages/functions/function_actors.hpp"
#include "messages/functions/order_guards.hpp"
#include "messages/sinks/sink_actors.hpp"
#include "nodes/cluster/cluster.hpp"
#include "nodes/control/node_api.hpp"
#include "nodes/membership/presence_keeper.hpp"
#include "nodes/options/config.hpp"
#include "nodes/process/supervisor.hpp"
#include "nodes/wiring/order_watch.hpp"
#include "nodes/wiring/storage.hpp"

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace waybill {

/// The region of one kind of entity, as everything else in a node sees it.
struct entity_region {
  entity_kind kind;
  waybill::role role;
  role_part part;
  entity_region_actor region;
  /// Its place among the handles that entities of other kinds send commands to; null when they send it none.
  caf::strong_actor_ptr region_handles::*handle = nullptr;
};

/// All actors of a node that do its work. Handles stay null for what its roles do not need; every node has all regions,
/// because a region also forwards.
class node_actors {
public:
  /// Opens the databases, calls `before_first`, and spawns the actors that use the databases, which `watch` is given.
  /// Fails like open_storage and `before_first`; then `watch` is released and the actors end.
  static result<node_actors> start(caf::actor_system& sys, const node_config& config,
                                   const std::shared_ptr<const serving_lease>& lease, supervisor& watch,
                                   const std::function<result<void>()>& before_first);

  /// One row for each kind of entity: the only place that registers a kind. Listing, inspection, placement, hand-over
  /// and the end are made of these rows. In the order in which the regions end: first those that send commands to
  /// others.
  [[nodiscard]] std::array<entity_region, entity_types.size()> regions() const;

  /// The regions by the name of their type.
  [[nodiscard]] std::map<std::string, entity_region_actor> regions_by_name() const;
  /// The regions that hold entities of this node's roles, for other nodes.
  [[nodiscard]] std::vector<role_region> own_regions() const;
  /// All actors that are told placements.
  [[nodiscard]] std::vector<local_sink> sinks() const;

  /// Answers when no entity is left that was handed over, at the latest after `limit`.
  [[nodiscard]] bool await_hand_over(caf::actor_system& sys, milliseconds limit) const;

  /// Ends all actors, in their order; `end` ends one actor and waits for it.
  void stop(const std::function<void(const std::string& step, const caf::actor& actor)>& end);

  storage store;
  storage ledger;
  /// What the parts of this node find to be wrong.
  std::shared_ptr<known_troubles> troubles = std::make_shared<known_troubles>();
  /// Notes the messages of orders that somebody traces.
  std::shared_ptr<message_tap> tap = std::make_shared<message_tap>();
  /// The time of all nodes, and the actor that keeps it right.
  std::shared_ptr<cluster_time> time;
  presence_keeper_actor presence;
  payment_provider_actor provider;
  /// Of nodes with a payment provider over HTTP.
  std::shared_ptr<outbound::http_client> provider_client;
  courier_pool_actor courier_pool;
  /// What `courier_pool` turns to where both kinds are asked; null otherwise.
  courier_pool_actor simulated_couriers;
  order_region_actor orders;
  /// Looks an order up in the order cache; empty on nodes that have none (gateway_services).
  std::function<std::shared_ptr<const order::state>(const get_order&)> order_at_hand;
  product_region_actor products;
  payment_region_actor payments;
  delivery_region_actor deliveries;
  courier_region_actor couriers;
  /// Of nodes with the account role.
  password_hasher_actor hasher;
  user_region_actor users;
  service_keys_actor service_keys;
  /// Of nodes with the notification role.
  std::shared_ptr<outbound::http_client> webhook_client;
  webhook_sender_actor webhook_sender;
  webhook_region_actor webhooks;
  bulk_action_region_actor bulk_actions;
  /// Of nodes with the function role.
  function_runner_actor function_runner;
  function_region_actor functions;
  /// Of nodes with the gateway role: what its gateway asks before an order is placed.
  std::shared_ptr<order_guards> guards;
  guard_keeper_actor guard_keeper;
  sink_publisher_actor sink_publisher;
  sink_region_actor event_sinks;
  notifier_region_actor notifier;
  event_feed_actor feed;
  /// Of nodes with the notification role, one of which is the auditor's.
  audit_checker_actor audit_checker;
  auditor_actor auditor;
  full_auditor_actor full_auditor;
  /// Of nodes with the notification role.
  order_watch_actor order_watch;
  /// Of nodes with the notification role, if old events are removed at all; one of them works.
  retention_actor retention;
  cluster_log_actor cluster_log;
  /// Null: nothing is traced.
  std::shared_ptr<tracing::tracer> tracer;

private:
  /// For connections besides those of `store`, which share what they know of the log.
  [[nodiscard]] store_config own_store(const node_config& config) const;
  struct named_actor {
    std::string name;
    caf::actor actor;
  };

  /// The one list of all actors, from which they are supervised and ended: first those that would ask others.
  [[nodiscard]] std::vector<named_actor> in_order_of_end() const;
  void spawn_log_retention(caf::actor_system& sys, const node_config& config);
  /// Fails when a client's options cannot be used.
  result<void> open_clients(caf::actor_system& sys, const node_config& config);
  result<void> open_stores(caf::actor_system& sys, const node_config& config, const supervise_actor& supervise);
  void keep_time(caf::actor_system& sys, const node_config& config, const std::shared_ptr<const serving_lease>& lease);
  void spawn_provider(caf::actor_system& sys, const node_config& config);
  void spawn_couriers(caf::actor_system& sys, const node_config& config, const entity_services& services,
                      const supervise_actor& supervise);
  void spawn(caf::actor_system& sys, const node_config& config, const std::shared_ptr<const serving_lease>& lease,
             const supervise_actor& supervise);
  void spawn_sinks(caf::actor_system& sys, const node_config& config, const entity_services& services);
  void spawn_auditors(caf::actor_system& sys, const node_config& config, const entity_services& services);
  /// Tells the regions where the others are.
  void connect_regions();

  std::vector<role> roles_;
};

} // namespace waybill
