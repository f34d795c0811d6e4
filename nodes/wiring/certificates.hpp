#pragma once

#include "transport/tls_credentials.hpp"
#include "transport/transport.hpp"

#include <caf/fwd.hpp>

#include <string>

/// What a node says about its certificates: a log line, a warning when one ends soon, and a metric of its end.
namespace waybill {

/// For HTTPS.
void announce_https(caf::actor_system& sys, const std::string& node, const tls_credentials& https);

/// For TLS between nodes; nothing when that is not used.
void announce_cluster_tls(caf::actor_system& sys, const std::string& node, const tls_credentials& credentials);

/// With `credentials`, or plain without; connections without mutual trust are counted and logged.
transport_security make_cluster_security(caf::actor_system& sys, const std::string& node,
                                         const tls_credentials& credentials);

} // namespace waybill
