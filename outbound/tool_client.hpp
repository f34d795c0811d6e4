#pragma once

#include "domain/base/result.hpp"
#include "domain/base/time.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// A small HTTP/1.1 client for tools: plain http, one server, a pool of kept connections.
namespace waybill::outbound {

/// Where a server is, and who asks. `prefix` is the path of the URL without a slash at its end; every target is
/// appended to it. `token` is sent as a Bearer token with each request if it is not empty.
struct endpoint {
  std::string host;
  std::string port;
  std::string prefix;
  std::string token = {};
};

/// Reads `http://host[:port][/path]`. Fails with ec::invalid_argument, for https too: this client has no TLS.
result<endpoint> parse_url(std::string_view url);

/// `value` with everything outside RFC 3986's unreserved characters escaped, for query values and path segments.
std::string escape(std::string_view value);

using header_list = std::vector<std::pair<std::string, std::string>>;

struct request {
  std::string method = "GET";
  /// An absolute path, with the query if there is one.
  std::string target = "/";
  header_list headers;
  /// Sent as application/json when it is not empty.
  std::string body;
  /// For everything: a place in the pool, the connection, the answer.
  milliseconds timeout{10'000};
};

struct response {
  unsigned status = 0;
  header_list headers;
  std::string body;

  /// The value of the first header of that name in any case; empty when there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
};

struct client_options {
  std::size_t max_connections = 128;
  std::size_t max_body_bytes = 8U << 20U;
  /// A connection that was idle for longer is not used again: the server may be closing it.
  milliseconds max_idle{4'000};
};

/// Not thread-safe: use it from coroutines on `executor` only, which is a strand or the one thread of an io_context. It
/// may be destroyed while requests are under way; they end by themselves.
class client {
public:
  client(boost::asio::any_io_executor executor, endpoint server, client_options options = {});

  /// Any answer of the server is a success, whatever its status. Fails with ec::unavailable when the server cannot be
  /// reached or breaks off, with ec::timed_out, and with ec::internal for an answer that is not HTTP or too large. A
  /// kept connection that the server closed is replaced silently where repeating is safe: for GET, HEAD, PUT, DELETE
  /// (RFC 9110, 9.2.2) and for a request with an Idempotency-Key.
  boost::asio::awaitable<result<response>> send(request what);

private:
  struct pool;
  std::shared_ptr<pool> pool_;
};

} // namespace waybill::outbound
