#pragma once

#include "transport/security.hpp"
#include "transport/sessions/session.hpp"

#include <memory>

namespace waybill {

/// Sessions without TLS. Whoever can send one message of CAF can send every message: so on loopback addresses, which
/// all users of a machine can reach, both ends must be processes of one user, or the peer one of root. Each asks its
/// kernel, and both say their verdict (preface.hpp) before the first byte of CAF's. A node that listens on other
/// addresses, and a tool that connects to them, asks nothing: plain, they are for isolated networks only.
std::shared_ptr<const session_maker> make_plain_sessions(const transport_security& security);

} // namespace waybill
