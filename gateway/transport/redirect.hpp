#pragma once

#include "gateway/transport/framing.hpp"
#include "gateway/transport/worker.hpp"

namespace waybill::http {

/// The answer to whoever comes without TLS: the same place over HTTPS (RFC 9110, section 15.4.9: the method stays).
/// Throws a problem with status 400 without a host to send them to.
response to_https(const request_head& head, const shared_parts& parts);

} // namespace waybill::http
