#pragma once

#include "domain/base/result.hpp"
#include "outbound/http_messages.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace waybill::outbound {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;
using error_code = boost::system::error_code;

/// Octets to and from one server, over TCP or over TLS. Beast's and Asio's templates for both stay in connection.cpp.
/// What is under way at the time of `expires_at` fails with asio::error::timed_out.
class connection {
public:
  virtual ~connection() = default;

  virtual void expires_at(clock::time_point time) = 0;
  virtual void expires_never() = 0;
  /// Tries the addresses in turn. With TLS shakes hands too: the certificate must be valid for `host`.
  virtual asio::awaitable<error_code> connect(std::vector<asio::ip::tcp::endpoint> addresses, std::string host) = 0;
  virtual asio::awaitable<error_code> write(std::string_view octets) = 0;
  /// Sets `size` to the number of octets that came; asio::error::eof is the end.
  virtual asio::awaitable<error_code> read_some(asio::mutable_buffer into, std::size_t& size) = 0;
  /// Of a connection without a request: whether it is open and nothing has come. What comes unasked is the end of the
  /// connection, and a request would be lost to it.
  virtual bool is_quiet() = 0;
  virtual void close() = 0;

  clock::time_point idle_since{};
};

/// What TLS connections share: which certificates are accepted.
class tls_context;

/// Fails with ec::invalid_argument when the file of authorities cannot be used.
result<std::shared_ptr<tls_context>> make_tls_context(const http_client_options& options);

/// `tls`: null for TCP alone.
std::unique_ptr<connection> make_connection(const asio::any_io_executor& executor, std::shared_ptr<tls_context> tls);

} // namespace waybill::outbound
