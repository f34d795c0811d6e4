#pragma once

#include "domain/base/result.hpp"
#include "domain/base/time.hpp"
#include "outbound/http_url.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What all clients of this folder send, get back and can be told.
namespace waybill::outbound {

using header_list = std::vector<std::pair<std::string, std::string>>;

struct http_request {
  std::string method = "GET";
  http_url url;
  header_list headers;
  /// Sent as application/json when it is not empty, unless the headers say otherwise.
  std::string body;
  /// The server carries it out once even if it arrives twice (it has an Idempotency-Key). When a kept connection turns
  /// out to be closed before an octet of the answer has come, the request is sent once more over a new one. Always so
  /// for GET, HEAD, PUT and DELETE (RFC 9110, section 9.2.2).
  bool repeatable = false;
  /// Only the status and the headers of the answer matter: it is complete with its head, whatever comes behind it. The
  /// body may then be missing, or cut.
  bool head_only = false;
  /// For everything, the wait for a connection included; zero: the client's total_timeout.
  milliseconds timeout{0};
};

struct http_response {
  unsigned status = 0;
  header_list headers;
  std::string body;

  /// The value of the first header of that name in any case; empty when there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
};

/// Why there is no answer. `sent`: the server may have seen the request or a part of it; false: it has not.
struct http_failure {
  ec code = default_error;
  std::string detail;
  bool sent = false;
};

/// Makes `http_result::value()` throw std::runtime_error instead of failing to compile.
[[noreturn]] void throw_exception_from_error(const http_failure& reason, const boost::source_location& where);

using http_result = boost::system::result<http_response, http_failure>;

/// Where requests may go. With `public_only` a URL must be https and the address public (is_public). The connection is
/// made to the address that was checked: the name is not resolved a second time.
enum class target_policy : std::uint8_t { any, public_only };

/// Checks what can be checked without resolving the name. Fails with ec::invalid_argument when the policy forbids
/// `url`.
result<void> check_target(const http_url& url, target_policy policy);

struct http_client_options {
  milliseconds resolve_timeout{2'000};
  /// For TCP and TLS together.
  milliseconds connect_timeout{2'000};
  /// From the last octet of the request to the last of the answer.
  milliseconds response_timeout{10'000};
  /// For everything, the wait for a connection included.
  milliseconds total_timeout{10'000};
  /// Connections to one host and port; further requests wait for one of them.
  std::size_t max_connections_per_host = 32;
  /// Requests that are under way or waiting, for all hosts; further ones fail with ec::overloaded.
  std::size_t max_requests = 2'000;
  /// In octets: an answer's body, and its head.
  std::size_t max_body = 1U << 20U;
  std::size_t max_head = 16U << 10U;
  /// A connection that was idle for longer is closed.
  milliseconds max_idle{15'000};
  /// PEM file of the authorities that servers' certificates are verified with; empty: the system's.
  std::string ca_file = {};
  target_policy targets = target_policy::any;
  /// False: any certificate is accepted. Only for a question to a process of the same machine.
  bool verify_certificates = true;
};

} // namespace waybill::outbound
