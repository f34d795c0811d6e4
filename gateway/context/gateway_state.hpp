#pragma once

#include "gateway/config.hpp"
#include "gateway/context/metrics.hpp"
#include "gateway/context/scenario_runs.hpp"
#include "gateway/limits/admission.hpp"
#include "gateway/limits/rate_limits.hpp"
#include "gateway/limits/subscriber_limit.hpp"
#include "gateway/services.hpp"

#include <atomic>
#include <memory>

namespace waybill::http {

/// What all threads of a gateway share.
struct gateway_state {
  gateway_state(caf::telemetry::metric_registry& registry, gateway_config options, gateway_services known)
    : config(std::move(options)), services(std::move(known)), metrics(registry),
      requests({.most = config.max_in_flight, .target = config.target_latency}), rates(config.rates),
      subscribers(config.max_subscribers) {}

  gateway_config config;
  gateway_services services;
  http_metrics metrics;
  admission requests;
  rate_limits rates;
  subscriber_limit subscribers;
  std::shared_ptr<scenario_runs> runs = std::make_shared<scenario_runs>();
  /// The gateway is shutting down; clients are told to connect anew.
  std::atomic<bool> draining = false;
  gateway_ports ports;
};

} // namespace waybill::http
