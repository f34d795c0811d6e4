#include "nodes/wiring/certificates.hpp"

#include "domain/base/log.hpp"
#include "nodes/process/log.hpp"

#include <caf/actor_system.hpp>
#include <caf/telemetry/gauge.hpp>
#include <caf/telemetry/metric_registry.hpp>

#include <memory>

namespace waybill {

namespace {

/// How long before the end of a certificate a node warns.
constexpr std::chrono::hours warn_before_expiry{24 * 30};

bool ends_soon(const tls_credentials& credentials) {
  return credentials.expires() - now() < warn_before_expiry;
}

void export_expiry(caf::actor_system& sys, std::string_view prefix, std::string_view help,
                   const tls_credentials& credentials) {
  const auto expiry = std::chrono::duration_cast<std::chrono::seconds>(credentials.expires().time_since_epoch());
  sys.metrics().gauge_singleton(prefix, "certificate-expiry", help, "seconds")->value(expiry.count());
}

} // namespace

void announce_https(caf::actor_system& sys, const std::string& node, const tls_credentials& https) {
  const auto expiry = to_rfc3339(https.expires());
  log_info("node {} serves HTTPS as {}, valid until {}", node, https.subject(), expiry);
  if (ends_soon(https))
    log_warning("the certificate for HTTPS of node {} ends soon, at {}: replace it and send SIGHUP", node, expiry);
  export_expiry(sys, "waybill.http", "When the certificate for HTTPS ends, in Unix time.", https);
}

void announce_cluster_tls(caf::actor_system& sys, const std::string& node, const tls_credentials& credentials) {
  if (!credentials.used())
    return;
  const auto expiry = to_rfc3339(credentials.expires());
  log_info("node {} talks to other nodes by mutual TLS as {}, valid until {}", node, credentials.subject(), expiry);
  if (ends_soon(credentials))
    log_warning("the certificate of node {} ends soon, at {}: replace it and restart the node", node, expiry);
  export_expiry(sys, "waybill.cluster", "When the certificate of this node ends, in Unix time.", credentials);
}

transport_security make_cluster_security(caf::actor_system& sys, const std::string& node,
                                         const tls_credentials& credentials) {
  auto* refused =
    sys.metrics().counter_singleton("waybill.cluster", "distrusted-connections",
                                    "Connections to or from other processes without mutual trust.", "1", true);
  const auto failures = std::make_shared<failure_log>();
  return {credentials.context(), [refused, failures, node](const std::string& peer, const std::string& reason) {
            refused->inc();
            // Counted by the reason: strangers come from any number of addresses.
            if (const auto again = failures->report(reason))
              log_warning("node {} and {} do not trust each other: {}{}", node, peer, reason, *again);
          }};
}

} // namespace waybill
