#pragma once

#include "outbound/connection.hpp"
#include "outbound/http_client.hpp"

#include <boost/asio/awaitable.hpp>

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
  /// The connection can carry another request.
  bool keep_alive = false;
  http_response answer;
};

/// Sends `what` over an open connection and reads the answer, interim ones (1xx) left out.
asio::awaitable<error_code> exchange(connection& over, const http_request& what, exchange_limits limits,
                                     exchange_state& progress);

} // namespace waybill::outbound
