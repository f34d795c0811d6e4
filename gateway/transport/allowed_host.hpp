#pragma once

#include "gateway/config.hpp"
#include "gateway/transport/listener_kind.hpp"

#include <string_view>

namespace waybill::http {

/// Whether a request for `host` that came through a listener of that kind is meant for us. Without authentication any
/// page in a browser of this machine could otherwise reach the gateway, by a host name of its own that it lets point to
/// 127.0.0.1 (DNS rebinding).
bool host_allowed(std::string_view host, listener_kind kind, const gateway_config& config);

} // namespace waybill::http
