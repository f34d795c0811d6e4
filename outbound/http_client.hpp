#pragma once

#include "outbound/http_messages.hpp"

#include <functional>
#include <memory>

namespace waybill::outbound {

/// HTTP/1.1 and HTTPS to servers of others. Owns a thread, on which all of its I/O runs; names are resolved on other
/// threads, because the system's resolver blocks. Certificates are verified together with the host's name
/// or address (RFC 9110, section 4.3.4); TLS 1.2 at least. Redirections are not followed: they
/// are answers.
class http_client {
public:
  /// Called once, on the client's thread, or on the caller's when the request is refused at once. Must not block or
  /// throw.
  using completion = std::function<void(http_result)>;

  /// Fails with ec::invalid_argument when `ca_file` cannot be read.
  static result<std::shared_ptr<http_client>> make(http_client_options options);
  ~http_client();
  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;

  /// Any thread. Every answer of the server is a success, whatever its status. Fails with
  /// - ec::unavailable when the server cannot be reached, has no valid certificate, or closes the connection,
  /// - ec::invalid_argument when the policy of targets forbids it,
  /// - ec::timed_out, ec::overloaded (too many requests), ec::shutting_down,
  /// - ec::internal for an answer that is not HTTP or too large.
  void send(http_request request, completion done);

  /// Ends the threads. Requests under way fail with ec::shutting_down before it returns, later ones at once. Waits for
  /// names that are being resolved. Must not be called from a completion.
  void stop();

private:
  class impl;
  explicit http_client(std::unique_ptr<impl> made);
  std::unique_ptr<impl> impl_;
};

} // namespace waybill::outbound
