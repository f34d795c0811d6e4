#pragma once

#include "gateway/context/context.hpp"

#include <string>
#include <string_view>

namespace waybill::http {

/// The sub-protocol of the frames.
inline constexpr std::string_view websocket_protocol = "waybill.v1";

/// 426 with all that RFC 9110, section 15.5.22, and RFC 6455, section 4.4, ask for.
problem needs_upgrade(std::string detail);

/// Throws a problem unless the request is an opening handshake that we take (RFC 6455, section 4.2.1), from a page that
/// may. `is_upgrade`: it asks for the protocol websocket.
void check_handshake(const request& req, bool is_upgrade, const gateway_config& config);

} // namespace waybill::http
