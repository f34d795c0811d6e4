#pragma once

#include "auth/token_keys.hpp"
#include "gateway/scenario_service.hpp"
#include "messages/functions/function_actors.hpp"
#include "messages/functions/order_guards.hpp"
#include "messages/sinks/sink_actors.hpp"
#include "messages/supervision.hpp"
#include "tracing/tracer.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct ssl_ctx_st;

namespace waybill {

/// Whether the node can serve, and if not what is missing, one sentence each.
struct readiness {
  bool ready = true;
  std::vector<std::string> missing;
};

/// What keeps readers from the end of the event log.
struct log_condition {
  /// Zero for a log that was never replaced.
  std::uint64_t generation = 0;
  /// The age of the oldest event that readers may not pass yet.
  milliseconds oldest_unread{0};
  /// How long the oldest transaction of the database server has been open, if that is remarkable, and whose it is.
  milliseconds oldest_transaction{0};
  std::string culprit;
};

/// A queue of a message broker from which orders are taken.
struct source_condition {
  /// Its URL, without user and password.
  std::string source;
  bool is_connected = false;
  /// What keeps orders from being taken; empty: nothing.
  std::string problem;
};

/// The actors and functions of the node that the gateway uses. The functions and `scenarios` are called from gateway
/// threads and must not block.
struct gateway_services {
  order_actor orders;
  /// The same region, as the one who knows which orders repeat something.
  retrying_actor retrying_orders = {};
  product_actor products;
  payment_actor payments;
  delivery_actor deliveries;
  courier_actor couriers;
  user_actor users;
  service_keys_actor service_keys;
  webhook_actor webhooks = {};
  bulk_action_actor bulk_actions = {};
  function_actor functions = {};
  /// What is asked before an order is placed, and who keeps that true; null: nothing is asked.
  std::shared_ptr<const order_guards> guards = nullptr;
  guard_keeper_actor guard_keeper = {};
  sink_actor sinks = {};
  notifier_actor notifier;
  reader_actor reader;
  event_feed_actor feed;
  /// Knows the cluster and the actors of this node; may be null: then the view of the process leaves the actors out.
  node_api_actor node_api;
  /// Makes the listener for clients speak HTTPS (server_tls::context); null: plain HTTP.
  std::shared_ptr<ssl_ctx_st> tls;
  /// Signs and verifies access tokens; may be null, then there are none.
  std::shared_ptr<const key_ring> keys;
  /// The name of this node.
  std::string node;
  /// May be empty: then only the reader is asked.
  std::function<readiness()> ready;
  /// One sentence about what is wrong with the database, empty while all is well; called for every request. May be
  /// empty: then no request is refused because of the database, and a readiness check asks the reader.
  std::function<std::string_view()> store_problem;
  /// For `/readyz?verbose`; may be empty.
  std::function<log_condition()> log;
  /// For `/readyz?verbose`; may be empty.
  std::function<std::vector<source_condition>()> sources = {};
  /// The same of requests that change something; empty: as store_problem.
  std::function<std::string_view()> write_problem;
  /// The order if this process knows its present state without asking an actor; otherwise null, also when the caller
  /// may not see it. May be empty: then the actor is always asked.
  std::function<std::shared_ptr<const order::state>(const get_order&)> order_at_hand;
  /// Gets the actors that the gateway spawns. May be empty.
  supervise_actor supervise;
  /// May be null; outlives the gateway.
  scenario_service* scenarios = nullptr;
  /// Null: requests are not traced.
  std::shared_ptr<tracing::tracer> tracer = nullptr;
};

/// The ports that a gateway listens on; zero where it does not.
struct gateway_ports {
  std::uint16_t http = 0;
  /// Plain HTTP of this machine for the scenarios: the same as `http`, unless that is TLS.
  std::uint16_t loopback = 0;
  std::uint16_t redirect = 0;
  std::uint16_t ops = 0;
};

} // namespace waybill
