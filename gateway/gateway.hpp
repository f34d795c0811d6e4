#pragma once

#include "auth/token_keys.hpp"
#include "gateway/config.hpp"
#include "gateway/scenario_service.hpp"
#include "gateway/transport/server_tls.hpp"
#include "messages/actors.hpp"

#include <caf/fwd.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace waybill {

/// Whether the node can serve, and if not what is missing, one sentence each.
struct readiness {
  bool ready = true;
  std::vector<std::string> missing;
};

/// Whom the gateway talks to. The functions and `scenarios` are called from gateway threads and must not block.
struct gateway_services {
  order_actor orders;
  product_actor products;
  payment_actor payments;
  delivery_actor deliveries;
  courier_actor couriers;
  user_actor users;
  service_keys_actor service_keys;
  webhook_actor webhooks = {};
  notifier_actor notifier;
  reader_actor reader;
  event_feed_actor feed;
  /// Tells what is in memory on this node; may be null: then the view of operators leaves it out.
  node_actor face;
  /// Makes the listener for clients speak HTTPS (server_tls::context); null: plain HTTP.
  std::shared_ptr<ssl_ctx_st> tls;
  /// Signs and verifies access tokens; may be null, then there are none.
  std::shared_ptr<const key_ring> keys;
  /// The name of this node.
  std::string node;
  /// More metrics in Prometheus' text format, put behind the gateway's own; may be empty.
  std::function<std::string()> metrics_text;
  /// May be empty: then only the reader is asked.
  std::function<readiness()> ready;
  /// One sentence about what is wrong with the database, empty while all is well; asked for every request. May be
  /// empty: then nothing is refused for it, and only a readiness check asks the reader.
  std::function<std::string_view()> store_problem;
  /// The order as the actor would answer, if that is known in this process without asking; otherwise null, also when
  /// the caller may not see it. May be empty: then the actor is always asked.
  std::function<std::shared_ptr<const order::state>(const get_order&)> order_at_hand;
  /// May be null; outlives the gateway.
  scenario_service* scenarios = nullptr;
};

/// Where a gateway listens; zero where it does not.
struct gateway_ports {
  std::uint16_t http = 0;
  /// Plain HTTP of this machine for the scenarios: the same as `http`, unless that is TLS.
  std::uint16_t inner = 0;
  std::uint16_t redirect = 0;
  std::uint16_t ops = 0;
};

/// Turns HTTP and WebSocket into messages to actors and their answers back. Owns its threads; its functions may be
/// called from any thread that is not one of them.
class gateway {
public:
  gateway(caf::actor_system& sys, gateway_config config, gateway_services services);
  ~gateway();
  gateway(const gateway&) = delete;
  gateway& operator=(const gateway&) = delete;

  /// Listens and serves. Fails with ec::invalid_argument for a bad configuration and ec::unavailable when the address
  /// cannot be had.
  result<void> start();

  /// The port it listens on, once started.
  [[nodiscard]] std::uint16_t port() const noexcept;
  [[nodiscard]] gateway_ports ports() const noexcept;

  /// New connections are greeted with this context from now on; those that are open go on with theirs.
  void replace_tls(std::shared_ptr<ssl_ctx_st> context);

  /// Goes down without a failed request: for the drain delay all is served, but readiness says `draining` and every
  /// answer ends its connection; then it stops accepting, closes idle connections and event streams (WebSockets with
  /// 1012) and lets requests under way end.
  void request_stop();

  /// Waits until all has ended, at most about the drain delay and time-out, and lets go of the actors.
  void join();

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

} // namespace waybill
