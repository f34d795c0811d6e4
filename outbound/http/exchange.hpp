#pragma once

#include "outbound/http/connection.hpp"
#include "outbound/http_messages.hpp"

namespace waybill::outbound {

struct exchange_limits {
  clock::time_point deadline;
  milliseconds response_timeout;
  std::size_t max_body;
  std::size_t max_head;
};

/// How far a request and its answer have come.
struct exchange_state {
  /// At least one octet of the answer is there.
  bool answered = false;
  /// The server sent something that is not HTTP, or too much of it.
  bool malformed = false;
  /// The connection can carry another request.
  bool keep_alive = false;
  http_response answer;
};

/// Sends the request over an open connection and reads the answer; interim ones (1xx) are left out.
asio::awaitable<error_code> exchange(connection& server, const http_request& request, exchange_limits limits,
                                     exchange_state& state);

} // namespace waybill::outbound
