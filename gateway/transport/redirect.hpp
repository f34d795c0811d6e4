#pragma once

#include "gateway/transport/request_head_check.hpp"

#include <cstdint>

namespace waybill::http {

/// The answer to a request without TLS: the same URL over HTTPS, with `redirect_port` or else `port` (RFC 9110, section
/// 15.4.9: the method stays). Throws a problem with status 400 when the request names no host.
response to_https(const request_head& head, const gateway_config& config, std::uint16_t port);

} // namespace waybill::http
