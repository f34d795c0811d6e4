#pragma once

#include "gateway/context/gateway_state.hpp"
#include "gateway/limits/address_limits.hpp"
#include "gateway/trusted_proxies.hpp"

#include <atomic>
#include <cstdint>
#include <memory>

struct ssl_ctx_st;

namespace waybill::http {

/// What the connections of all threads of a gateway share.
struct transport_state {
  transport_state(caf::telemetry::metric_registry& registry, gateway_config options, gateway_services known)
    : gateway(registry, std::move(options), std::move(known)), addresses(gateway.config.max_connections_per_address),
      tls(gateway.services.tls) {
    // validate() has refused networks that cannot be read.
    if (!proxies.add(gateway.config.trusted_proxies))
      proxies = {};
  }

  gateway_state gateway;
  address_limits addresses;
  trusted_proxies proxies;
  /// Null: plain HTTP.
  std::atomic<std::shared_ptr<ssl_ctx_st>> tls;
  /// Connections of operators, which do not count against the limits of clients.
  std::atomic<std::int64_t> operator_connections = 0;
  /// Connections that get nothing but the answer that there are too many.
  std::atomic<std::int64_t> refused_connections = 0;
};

} // namespace waybill::http
