#pragma once

#include "transport/transport.hpp"

namespace waybill {

/// CAF's middleman actor, with all connections that it makes or accepts by mutual TLS. It ends by an exit message,
/// which must come before the end of the actor system.
///
/// Stands in for caf::openssl::manager of CAF 0.18.7, which does the same in the same places but leaves OpenSSL's error
/// queue as it is, so that one failed handshake breaks every other connection of the process (docs/adr/0005).
caf::io::middleman_actor spawn_tls_connector(caf::actor_system& sys, const transport_security& security);

} // namespace waybill
