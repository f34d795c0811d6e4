#include "gateway/context/metrics.hpp"

#include <algorithm>
#include <cstdio>

namespace waybill::http {

namespace {

std::string decimal(double value) {
  std::array<char, 32> text{};
  const auto length = std::snprintf(text.data(), text.size(), "%g", value);
  return {text.data(), static_cast<std::size_t>(length)};
}

void gauge(std::string& out, std::string_view name, std::string_view help, std::int64_t value) {
  out.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ").append(name).append(" gauge\n");
  out.append(name).append(" ").append(std::to_string(value)).append("\n");
}

} // namespace

void http_metrics::count(std::size_t route, unsigned status, std::chrono::steady_clock::duration took) noexcept {
  constexpr auto relaxed = std::memory_order_relaxed;
  requests_[std::min(route, max_routes - 1)][std::min(status / 100, 5U)].fetch_add(1, relaxed);
  const auto seconds = std::chrono::duration<double>(took).count();
  const auto bucket = std::lower_bound(bounds.begin(), bounds.end(), seconds) - bounds.begin();
  buckets_[static_cast<std::size_t>(bucket)].fetch_add(1, relaxed);
  const auto spent = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
  sum_microseconds_.fetch_add(static_cast<std::uint64_t>(std::max<std::int64_t>(spent, 0)), relaxed);
}

std::string http_metrics::text(std::string_view (*name_of)(std::size_t), std::size_t limit) const {
  std::string out = "# HELP waybill_http_requests_total Requests by route and class of status.\n"
                    "# TYPE waybill_http_requests_total counter\n";
  for (std::size_t route = 0; route < max_routes; ++route) {
    auto name = name_of(route);
    if (name.empty())
      name = "none";
    for (std::size_t kind = 1; kind < 6; ++kind)
      if (const auto n = requests_[route][kind].load(std::memory_order_relaxed); n != 0)
        out.append("waybill_http_requests_total{route=\"")
          .append(name)
          .append("\",status=\"")
          .append(std::to_string(kind))
          .append("xx\"} ")
          .append(std::to_string(n))
          .append("\n");
  }
  out += "# HELP waybill_http_request_seconds Time from the whole request to its answer.\n"
         "# TYPE waybill_http_request_seconds histogram\n";
  std::uint64_t total = 0;
  for (std::size_t i = 0; i <= bounds.size(); ++i) {
    total += buckets_[i].load(std::memory_order_relaxed);
    out.append("waybill_http_request_seconds_bucket{le=\"")
      .append(i < bounds.size() ? decimal(bounds[i]) : "+Inf")
      .append("\"} ")
      .append(std::to_string(total))
      .append("\n");
  }
  const auto sum = static_cast<double>(sum_microseconds_.load(std::memory_order_relaxed)) / 1e6;
  out.append("waybill_http_request_seconds_sum ").append(decimal(sum)).append("\n");
  out.append("waybill_http_request_seconds_count ").append(std::to_string(total)).append("\n");
  gauge(out, "waybill_http_connections", "Open connections.", connections);
  gauge(out, "waybill_http_requests_in_flight", "Requests under way.", in_flight);
  gauge(out, "waybill_http_requests_limit", "Requests that may be under way now.", static_cast<std::int64_t>(limit));
  gauge(out, "waybill_http_buffered_bytes", "Octets that wait for clients.", buffered);
  gauge(out, "waybill_websockets", "Open WebSockets.", websockets);
  gauge(out, "waybill_event_subscribers", "Subscriptions to the event log, all transports.", subscribers);
  out += "# HELP waybill_http_tls_handshakes_total TLS handshakes that were completed, and those that were not.\n"
         "# TYPE waybill_http_tls_handshakes_total counter\n";
  out += "waybill_http_tls_handshakes_total{result=\"ok\"} " + std::to_string(handshakes.load()) + '\n';
  out += "waybill_http_tls_handshakes_total{result=\"failed\"} " + std::to_string(failed_handshakes.load()) + '\n';
  out += "# HELP waybill_http_refused_total Requests and connections refused, by reason.\n"
         "# TYPE waybill_http_refused_total counter\n";
  for (std::size_t why = 0; why < refusals.size(); ++why)
    out.append("waybill_http_refused_total{reason=\"")
      .append(refusals.at(why))
      .append("\"} ")
      .append(std::to_string(refused_.at(why).load(std::memory_order_relaxed)))
      .append("\n");
  out += "# HELP waybill_logins_total Attempts to sign in with a password.\n# TYPE waybill_logins_total counter\n";
  out.append("waybill_logins_total{outcome=\"ok\"} ").append(std::to_string(logins_ok.load()));
  out.append("\nwaybill_logins_total{outcome=\"failed\"} ").append(std::to_string(logins_failed.load())).append("\n");
  out += "# HELP waybill_tokens_refused_total Tokens that were not taken, by reason.\n"
         "# TYPE waybill_tokens_refused_total counter\n";
  for (std::size_t why = 0; why < token_refusals.size(); ++why)
    out.append("waybill_tokens_refused_total{reason=\"")
      .append(token_refusals.at(why))
      .append("\"} ")
      .append(std::to_string(tokens_refused.at(why).load(std::memory_order_relaxed)))
      .append("\n");
  return out;
}

} // namespace waybill::http
