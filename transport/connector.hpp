#pragma once

#include "transport/sessions/session.hpp"

#include <caf/io/middleman_actor.hpp>

#include <memory>

namespace waybill {

/// CAF's middleman actor, with a session of `sessions` for each connection that it makes or accepts. It ends by an exit
/// message, which must come before the end of the actor system.
///
/// With TLS it stands in for caf::openssl::manager of CAF 0.18.7, which does the same in the same places but leaves
/// OpenSSL's error queue as it is, so that one failed handshake breaks every other connection of the process
/// (docs/adr/0005).
caf::io::middleman_actor spawn_connector(caf::actor_system& sys, std::shared_ptr<const session_maker> sessions);

} // namespace waybill
