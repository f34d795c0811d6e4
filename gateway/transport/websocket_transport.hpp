#pragma once

#include "domain/base/time.hpp"
#include "gateway/streams/websocket_stream.hpp"
#include "gateway/transport/request_head_check.hpp"
#include "gateway/transport/stream/connection_stream.hpp"

#include <memory>

namespace waybill::http {

/// A WebSocket over a connection; null when `upgrade` does not ask for one. `over` and `upgrade` outlive it, `upgrade`
/// until it is accepted. A client that sends nothing for `idle_timeout`, not even the answer to a ping, is cut off.
std::unique_ptr<websocket_stream> open_websocket(connection_stream& over, const http_message& upgrade,
                                                 milliseconds idle_timeout);

} // namespace waybill::http
