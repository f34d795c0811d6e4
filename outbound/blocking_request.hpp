#pragma once

#include "outbound/http_client.hpp"

namespace waybill::outbound {

/// Sends one request over a connection of its own and waits for the answer. Fails as http_client::send, and with
/// ec::invalid_argument when `ca_file` cannot be read.
http_result send_and_wait(http_request request, const http_client_options& options = {});

} // namespace waybill::outbound
