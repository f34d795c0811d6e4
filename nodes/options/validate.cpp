#include "auth/token_keys.hpp"
#include "gateway/auth/authentication.hpp"
#include "gateway/limits/client_address.hpp"
#include "nodes/options/config_layers.hpp"
#include "nodes/options/options.hpp"

namespace waybill {

namespace {

/// What the gateway is told about TLS, proxies and operators.
result<void> validate_http(const node_config& config) {
  if (auto wrong = config.http_tls.validate(); !wrong.empty())
    return invalid_option(std::move(wrong));
  if (config.http_redirect && !config.http_tls.wanted())
    return invalid_option(
      "http-redirect: there is no HTTPS to redirect to; that needs http-tls-certificate and http-tls-key");
  if (config.ops && !config.ops_public && !is_loopback(*config.ops))
    return invalid_option(
      "ops: " + to_string(*config.ops)
      + " is no loopback address: everybody who can reach it sees the inside of this node; that needs ops-public=on");
  if (config.ops && config.ops->port != 0 && (*config.ops == config.http || *config.ops == config.listen))
    return invalid_option("ops: it is the same address as http or listen");
  if (config.http_redirect && config.http_redirect->port != 0
      && (*config.http_redirect == config.http || config.http_redirect == config.ops))
    return invalid_option("http-redirect: it is the same address as http or ops");
  http::trusted_proxies networks;
  if (!networks.add(config.gateway.trusted_proxies))
    return invalid_option("trusted-proxies: it must be addresses or networks such as 10.0.0.0/8, with commas between");
  return {};
}

result<void> validate_grpc(const node_config& config) {
  if (!config.grpc)
    return config.grpc_limits.client_ca.empty() ? result<void>{}
                                                : invalid_option("grpc-client-ca: without grpc it means nothing");
  if (!config.has(role::gateway))
    return invalid_option("grpc: only a node with the role gateway has it");
  const bool is_taken = *config.grpc == config.http || *config.grpc == config.listen || config.grpc == config.ops;
  if (config.grpc->port != 0 && is_taken)
    return invalid_option("grpc: it is the same address as http, listen or ops");
  if (!config.insecure && !config.auth_required() && !is_loopback(*config.grpc))
    return invalid_option("auth: " + to_string(*config.grpc)
                          + " is no loopback address: to serve everybody there without a token needs insecure=on");
  if (!config.grpc_limits.client_ca.empty() && !config.http_tls.wanted())
    return invalid_option("grpc-client-ca: clients show certificates under TLS only; that needs http-tls-certificate");
  if (!config.http_tls.passphrase.empty())
    return invalid_option("grpc: it cannot use a private key with a passphrase (http-tls-passphrase)");
  return {};
}

result<void> validate_sources(const node_config& config) {
  const auto& sources = config.sources;
  if (sources.queues.empty())
    return sources.key.empty() ? result<void>{} : invalid_option("source-key: without source it means nothing");
  if (!config.has(role::gateway))
    return invalid_option("source: only a node with the role gateway has it");
  if (sources.key.empty() && config.auth_required())
    return invalid_option("source-key: orders are placed by somebody: it must be the service key of a customer");
  if (!sources.key.empty() && !sources.key.starts_with(http::service_key_prefix))
    return invalid_option("source-key: it is no service key (" + std::string{http::service_key_prefix} + "...)");
  return {};
}

} // namespace

result<void> validate(const node_config& config) {
  if (!config.on_postgresql() && config.roles != node_config{}.roles)
    return invalid_option(
      "role: a node with some of the roles only needs PostgreSQL; with SQLite it is always role=all");
  if (!config.on_postgresql() && config.journal_count() != 1)
    return invalid_option("journals: SQLite takes exactly 1");
  if (auto whole = validate(config.tls); whole.has_error())
    return whole;
  if (!config.insecure && !config.tls.wanted() && !is_loopback(config.listen))
    return invalid_option("listen: " + to_string(config.listen)
                          + " is no loopback address: that needs cluster-tls-... or insecure=on");
  if (auto grpc = validate_grpc(config); grpc.has_error())
    return grpc;
  if (auto sources = validate_sources(config); sources.has_error())
    return sources;
  if (!config.insecure && config.has(role::gateway) && !config.auth_required() && !is_loopback(config.http))
    return invalid_option("auth: " + to_string(config.http)
                          + " is no loopback address: to serve everybody there without a token needs insecure=on");
  if (!config.auth.keys.empty())
    if (auto keys = read_token_keys(config.auth.algorithm, config.auth.keys); keys.has_error())
      return invalid_option("auth-keys: " + keys.error().detail);
  if (!config.auth.admin_password.empty() && config.auth.admin_email.empty())
    return invalid_option("admin-password: it needs admin-email");
  if (const auto length = config.auth.admin_password.size(); length != 0 && length < 10)
    return invalid_option("admin-password: it must have at least 10 characters");
  if (config.has(role::gateway) && config.http.port != 0 && config.http == config.listen)
    return invalid_option("http: it is the same address as listen");
  if (auto sound = validate_http(config); sound.has_error())
    return sound;
  if (config.membership.renewal * 2 > config.membership.lease)
    return invalid_option("cluster-renewal: it must be at most half of cluster-lease");
  if (config.has(role::gateway) && config.gateway.drain_delay + config.gateway.drain_timeout >= config.shutdown_timeout)
    return invalid_option("shutdown-timeout: it must be longer than http-drain-delay and http-drain-timeout together");
  if (config.deliveries.pool == courier_pool_kind::real && !config.deliveries.listed)
    return invalid_option("delivery-list: real couriers are found by it, so it must be on with courier-pool=real");
  if (config.couriers.shortest_delay > config.couriers.longest_delay)
    return invalid_option("courier-shortest-delay: it is longer than courier-longest-delay");
  if (auto sound = validate_payments(config); sound.has_error())
    return sound;
  if (auto sound = validate_retention(config); sound.has_error())
    return sound;
  // A reservation does not end by time. An order that waits by intent need not be asked for again and again.
  if (config.orders.limits.hold >= config.products.stock.reservation_ttl)
    return invalid_option("order-hold-limit: it must be shorter than stock-reservation-ttl");
  if (config.orders.limits.grace >= config.products.stock.reservation_ttl)
    return invalid_option("order-grace: it must be shorter than stock-reservation-ttl");
  if (config.provider.shortest_delay > config.provider.longest_delay)
    return invalid_option("provider-shortest-delay: it is longer than provider-longest-delay");
  if (config.couriers.decline_percent + config.couriers.abort_percent + config.couriers.vanish_percent > 100)
    return invalid_option(
      "courier-decline-percent: with courier-abort-percent and courier-vanish-percent it is over 100");
  for (const auto& [name, retry] :
       {std::pair{"order", config.orders.retry}, std::pair{"payment", config.payments.retry},
        std::pair{"delivery", config.deliveries.retry}})
    if (retry.first > retry.longest)
      return invalid_option(std::string{name} + "-retry-first: it is longer than " + name + "-retry-longest");
  return {};
}

} // namespace waybill
