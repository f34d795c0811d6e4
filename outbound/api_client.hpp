#pragma once

#include "outbound/http_client.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace waybill::outbound {

/// Where an API is, and who asks. The path of a request is put behind that of the URL; `token` is sent as a Bearer
/// token with each request if it is not empty.
struct api_server {
  http_url url;
  std::string token = {};
};

/// Reads `http[s]://host[:port][/path]`. Fails as parse_http_url, and for a query.
result<api_server> parse_api_server(std::string_view url);

struct api_request {
  std::string method = "GET";
  /// An absolute path, with the query if there is one.
  std::string target = "/";
  header_list headers;
  /// Sent as application/json when it is not empty.
  std::string body;
  /// For everything: the wait for a connection, connecting, the answer.
  milliseconds timeout{10'000};
};

struct api_client_options {
  std::size_t max_connections = 128;
  std::size_t max_body_bytes = 8U << 20U;
  /// A connection that was idle for longer is not used again: the server may be closing it.
  milliseconds max_idle{4'000};
  /// As http_client_options::ca_file.
  std::string ca_file = {};
};

/// Asks one server, for tools and tests; keeps connections. Not thread-safe: use it from coroutines on `executor` only,
/// which is a strand or the one thread of an io_context. It may be destroyed while requests are under way; they end by
/// themselves.
class api_client {
public:
  /// Throws std::runtime_error when the authorities' file cannot be used.
  api_client(boost::asio::any_io_executor executor, api_server server, api_client_options options = {});

  /// Any answer of the server is a success, whatever its status; fails as http_client::send. A kept connection that the
  /// server closed is replaced silently where repeating is safe: for GET, HEAD, PUT, DELETE (RFC 9110, 9.2.2) and for a
  /// request with an Idempotency-Key.
  boost::asio::awaitable<http_result> send(api_request request);

private:
  struct state;
  std::shared_ptr<state> state_;
};

} // namespace waybill::outbound
