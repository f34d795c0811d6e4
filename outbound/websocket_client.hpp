#pragma once

#include "domain/base/result.hpp"
#include "domain/base/time.hpp"
#include "outbound/http_client.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace waybill::outbound {

/// A WebSocket to a server (RFC 6455), for text messages; plain TCP only. Not thread-safe: coroutines of one strand, or
/// of the one thread of an io_context, with at most one of them reading and one writing. Must outlive them.
class websocket_client {
public:
  explicit websocket_client(boost::asio::any_io_executor executor);
  ~websocket_client();
  websocket_client(const websocket_client&) = delete;
  websocket_client& operator=(const websocket_client&) = delete;

  /// Connects and upgrades; `headers` go into the request. Fails with ec::invalid_argument for an https URL, with
  /// ec::timed_out, and with ec::unavailable when the server cannot be reached or refuses.
  boost::asio::awaitable<result<void>> connect(http_url url, header_list headers, milliseconds timeout);

  /// Both fail with ec::unavailable when the connection ends.
  boost::asio::awaitable<result<void>> send(std::string text);
  boost::asio::awaitable<result<std::string>> receive();

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

} // namespace waybill::outbound
