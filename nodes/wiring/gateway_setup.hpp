#pragma once

#include "gateway/gateway.hpp"
#include "nodes/options/config.hpp"

#include <caf/fwd.hpp>

#include <string>

/// What a node has towards clients and operators, besides the gateway itself.
namespace waybill {

/// The gateway's own part of the configuration, with the addresses where it listens. On a node without the gateway's
/// role it serves operators only.
gateway_config gateway_settings(const node_config& config);

/// Logs where it listens.
void announce_gateway(const node_config& config, const std::string& node, const gateway_ports& ports, bool secure);

/// Logs whose certificate it is, warns when that ends soon, and keeps the metric of its end.
void announce_https(caf::actor_system& sys, const std::string& node, const server_tls& https);

/// How long before the end of a certificate a node says so.
constexpr std::chrono::hours warn_before_expiry{24 * 30};

} // namespace waybill
