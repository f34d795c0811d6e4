#include "nodes/wiring/gateway_setup.hpp"

#include "domain/base/log.hpp"

namespace waybill {

namespace {

listen_address to_listen_address(const endpoint& address) {
  return {address.host == "localhost" ? "127.0.0.1" : address.host, address.port};
}

} // namespace

gateway_config gateway_settings(const node_config& config) {
  auto settings = config.gateway;
  settings.insecure = config.insecure;
  settings.auth_required = config.auth_required();
  settings.payment_provider = config.payment_provider == payment_provider_kind::simulated ? "simulated" : "http";
  if (config.ops)
    settings.ops = to_listen_address(*config.ops);
  if (!config.has(role::gateway)) {
    settings.ops_only = true;
    settings.drain_delay = {};
    return settings;
  }
  const auto clients = to_listen_address(config.http);
  settings.address = clients.address;
  settings.port = clients.port;
  if (config.http_redirect)
    settings.redirect = to_listen_address(*config.http_redirect);
  return settings;
}

grpc_door::settings grpc_settings(const node_config& config) {
  auto settings = config.grpc_limits;
  const auto clients = to_listen_address(*config.grpc);
  settings.address = clients.address;
  settings.port = clients.port;
  settings.certificate = config.http_tls.certificate;
  settings.key = config.http_tls.key;
  settings.memory_limit = config.gateway.max_buffered;
  return settings;
}

void announce_gateway(const node_config& config, const std::string& node, const gateway_ports& ports, bool secure) {
  if (config.has(role::gateway))
    log_info("node {} answers HTTP on {}://{}", node, secure ? "https" : "http",
             to_string(endpoint{config.http.host, ports.http}));
  if (ports.redirect != 0)
    log_info("node {} redirects http://{} to HTTPS", node,
             to_string(endpoint{config.http_redirect->host, ports.redirect}));
  if (config.ops)
    log_info("node {} serves operators on http://{}", node, to_string(endpoint{config.ops->host, ports.ops}));
}

} // namespace waybill
