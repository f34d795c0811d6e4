#include "nodes/wiring/gateway_setup.hpp"

#include "nodes/log.hpp"

#include <caf/actor_system.hpp>

namespace waybill {

namespace {

listen_address to_listen_address(const endpoint& where) {
  return {where.host == "localhost" ? "127.0.0.1" : where.host, where.port};
}

} // namespace

gateway_config gateway_settings(const node_config& config) {
  auto made = config.gateway;
  made.insecure = config.insecure;
  made.auth_required = config.auth_required();
  if (config.ops)
    made.ops = to_listen_address(*config.ops);
  if (!config.has(role::gateway)) {
    made.ops_only = true;
    made.drain_delay = {};
    return made;
  }
  const auto clients = to_listen_address(config.http);
  made.address = clients.address;
  made.port = clients.port;
  if (config.http_redirect)
    made.redirect = to_listen_address(*config.http_redirect);
  return made;
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

void announce_https(caf::actor_system& sys, const std::string& node, const server_tls& https) {
  log_info("node {} serves HTTPS as {}, valid until {}", node, https.subject(), to_rfc3339(https.expires()));
  if (https.expires() - now() < warn_before_expiry)
    log_warning("the certificate for HTTPS of node {} ends soon, at {}: replace it and send SIGHUP", node,
                to_rfc3339(https.expires()));
  sys.metrics()
    .gauge_singleton("waybill.http", "certificate-expiry", "When the certificate for HTTPS ends, in Unix time.",
                     "seconds")
    ->value(std::chrono::duration_cast<std::chrono::seconds>(https.expires().time_since_epoch()).count());
}

} // namespace waybill
