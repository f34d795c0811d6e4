#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include <chrono>
#include <memory>

namespace waybill::outbound {

namespace asio = boost::asio;
namespace beast = boost::beast;
using clock = std::chrono::steady_clock;
using error_code = boost::system::error_code;

/// A socket, or TLS over one.
struct connection {
  /// `tls`: null for plain HTTP.
  connection(asio::io_context& io, asio::ssl::context* tls_context) {
    if (tls_context != nullptr)
      tls = std::make_unique<beast::ssl_stream<beast::tcp_stream>>(io, *tls_context);
    else
      plain = std::make_unique<beast::tcp_stream>(io);
  }

  beast::tcp_stream& transport() noexcept { return tls ? tls->next_layer() : *plain; }

  /// Exactly one of the two.
  std::unique_ptr<beast::tcp_stream> plain;
  std::unique_ptr<beast::ssl_stream<beast::tcp_stream>> tls;
  beast::flat_buffer buffer;
  clock::time_point idle_since{};
};

} // namespace waybill::outbound
