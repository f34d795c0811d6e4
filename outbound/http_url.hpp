#pragma once

#include "domain/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace waybill::outbound {

/// The parts of an absolute http or https URL.
struct http_url {
  bool secure = false;
  /// A name or an address, without the brackets of IPv6.
  std::string host;
  std::uint16_t port = 0;
  /// Path and query as they go into the request line; begins with a slash.
  std::string target = "/";

  /// The value of the header Host: the port only when it is not the default of the scheme.
  [[nodiscard]] std::string authority() const;
  /// `https://host:port`.
  [[nodiscard]] std::string origin() const;
  /// The same server; `path` is appended to the path of this URL.
  [[nodiscard]] http_url below(std::string_view path) const;
};

/// Fails with ec::invalid_argument, also for user information (it would end up in logs) and fragments.
result<http_url> parse_http_url(std::string_view text);

/// `value` with everything outside RFC 3986's unreserved characters percent-encoded: for one segment of a path, or
/// the value of a query.
std::string percent_encode(std::string_view value);

/// The reverse. What is not percent-encoded soundly is returned as it is.
std::string percent_decode(std::string_view value);

} // namespace waybill::outbound
