#pragma once

#include "gateway/http/caller.hpp"
#include "gateway/http/header_fields.hpp"
#include "messages/common.hpp"
#include "tracing/trace_context.hpp"

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// HTTP as handlers see it, without connections.
namespace waybill::http {

class request_charge;
class request_permit;

/// The methods that routes use; every other method is `other`.
enum class verb : std::uint8_t { get, head, post, put, patch, delete_, options, other };

/// `GET`, `DELETE` and so on.
std::string_view method_name(verb method) noexcept;
verb to_verb(std::string_view name) noexcept;

struct request {
  verb method = verb::get;
  /// As it came.
  std::string target;
  /// The parts of the target, percent-decoded.
  std::vector<std::string> segments;
  std::vector<std::pair<std::string, std::string>> query;
  header_fields headers;
  std::string_view body;
  /// The segment that stands at the last `{...}` of the route's pattern.
  std::string id;
  std::string request_id;
  /// As it came, or what stands for it; the answer has it too.
  std::string traceparent;
  /// The span of the request itself, if it is traced: what it leads to belongs below it.
  std::optional<tracing::trace_context> span = {};
  http::caller caller;
  /// The client's address, behind the proxies that are trusted.
  boost::asio::ip::address client;
  /// It came over TLS.
  bool secure = false;
  /// Whose share it is charged to, as long as the caller has shown no token; empty when it is not limited.
  std::string rate_key;
  std::chrono::steady_clock::time_point deadline;
  /// Counts the request as one of those under way; null for routes that are always served.
  request_permit* permit = nullptr;
  /// Takes what the request costs from the shares of the rate limits; null where nothing is limited.
  request_charge* charge = nullptr;
  /// The version for which the conditions of the request were found to hold; zero: they were not judged.
  std::uint64_t judged_version = 0;

  /// The value of the header field, of several lines their list; empty when there is none.
  [[nodiscard]] std::string_view header(field name) const { return headers[name]; }
  /// The target without its query.
  [[nodiscard]] std::string_view path() const { return std::string_view{target}.substr(0, target.find('?')); }
  [[nodiscard]] provenance origin() const;
};

/// Whether and how an answer may be kept by caches.
/// `forever`: what its address stands for never changes.
enum class caching : std::uint8_t { personal, revalidate, page, briefly, forever };

struct response {
  unsigned status = 200;
  std::string body;
  std::string_view content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
  caching cache = caching::personal;
  /// The body has no known length.
  bool endless = false;

  void set(std::string name, std::string value) { headers.emplace_back(std::move(name), std::move(value)); }
};

/// Splits the target of a request into `segments` and `query`. Throws a problem with status 400 for bad
/// percent-encoding, NUL or octets that are not UTF-8.
void read_target(std::string_view target, request& to);

/// `given` if it is a sensible request id (1 to 128 of `A-Za-z0-9._:-`), else a new one.
std::string take_request_id(std::string_view given);
/// `given` if it is a trace context (W3C Trace Context, section 3.2.2), else a new one that is not sampled.
std::string take_traceparent(std::string_view given);

/// The seconds of `Prefer: wait=<seconds>` (RFC 7240), at most 30; zero for none.
std::uint32_t preferred_wait(std::string_view header) noexcept;

// What a client takes (RFC 9110, section 12). Words are compared in any case; a weight of zero means: not that.

/// Whether a client wants a page: it names text/html, and nothing of JSON that it would rather have. `*/*`, which
/// programs send, names nothing.
bool accepts_html(const request& req);

/// Whether a client would rather have OpenMetrics than Prometheus' own text: it names it.
bool accepts_openmetrics(const request& req);

/// Whether Accept-Encoding takes gzip, by its name or else by `*`.
bool accepts_gzip(const request& req);

} // namespace waybill::http
