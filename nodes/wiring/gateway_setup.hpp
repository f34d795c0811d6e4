#pragma once

#include "doors/grpc/server.hpp"
#include "gateway/gateway.hpp"
#include "nodes/options/config.hpp"

#include <string>

/// What the gateway is given by its node.
namespace waybill {

/// The gateway's own part of the configuration, with the addresses where it listens. On a node without the gateway's
/// role it serves operators only.
gateway_config gateway_settings(const node_config& config);

/// Where and how gRPC is spoken; `config.grpc` is set.
grpc_door::settings grpc_settings(const node_config& config);

/// Logs where the gateway listens.
void announce_gateway(const node_config& config, const std::string& node, const gateway_ports& ports, bool secure);

} // namespace waybill
