#include "gateway/context/metrics.hpp"

#include <caf/telemetry/metric_registry.hpp>

#include <algorithm>

namespace waybill::http {

namespace {

using registry_type = caf::telemetry::metric_registry;

constexpr caf::string_view prefix = "waybill";

/// Seconds.
constexpr std::array<double, 14> bounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

constexpr std::array<caf::string_view, 8> refusals{
  "in_flight", "connections", "buffered", "subscribers", "store", "rate", "address_connections", "handshakes"};
constexpr std::array<caf::string_view, 8> token_refusals{"malformed",     "unknown_key",  "bad_signature", "expired",
                                                         "not_yet_valid", "wrong_claims", "service_key",   "refresh"};

http_metrics::gauge& gauge_of(registry_type& registry, caf::string_view name, caf::string_view help,
                              caf::string_view unit = "1") {
  return *registry.gauge_singleton(prefix, name, help, unit);
}

http_metrics::counter& counter_of(registry_type& registry, caf::string_view name, caf::string_view label,
                                  caf::string_view value, caf::string_view help) {
  return *registry.counter_instance(prefix, name, {{label, value}}, help, "1", true);
}

std::array<http_metrics::counter*, 8> counters_by_reason(registry_type& registry, caf::string_view name,
                                                         const std::array<caf::string_view, 8>& reasons,
                                                         caf::string_view help) {
  std::array<http_metrics::counter*, 8> counters{};
  for (std::size_t i = 0; i < reasons.size(); ++i)
    counters[i] = &counter_of(registry, name, "reason", reasons[i], help);
  return counters;
}

constexpr caf::string_view handshakes_help = "TLS handshakes that were completed, and those that were not.";
constexpr caf::string_view logins_help = "Attempts to sign in with a password.";

} // namespace

http_metrics::http_metrics(registry_type& registry)
  : connections(gauge_of(registry, "http_connections", "Open connections.")),
    in_flight(gauge_of(registry, "http_requests_in_flight", "Requests under way.")),
    requests_limit(gauge_of(registry, "http_requests_limit", "Requests that may be under way now.")),
    buffered(gauge_of(registry, "http_buffered", "Octets that wait for clients.", "bytes")),
    websockets(gauge_of(registry, "websockets", "Open WebSockets.")),
    subscribers(gauge_of(registry, "event_subscribers", "Subscriptions to the event log, all transports.")),
    handshakes(counter_of(registry, "http_tls_handshakes", "result", "ok", handshakes_help)),
    failed_handshakes(counter_of(registry, "http_tls_handshakes", "result", "failed", handshakes_help)),
    logins_ok(counter_of(registry, "logins", "outcome", "ok", logins_help)),
    logins_failed(counter_of(registry, "logins", "outcome", "failed", logins_help)),
    request_family_(*registry.counter_family(prefix, "http_requests", {"route", "status"},
                                             "Requests by route and class of status.", "1", true)),
    seconds_family_(*registry.histogram_family<double>(
      prefix, "http_request", {"route"}, bounds, "Time from the whole request to its answer, by route.", "seconds")),
    guard_family_(*registry.counter_family(prefix, "order_guard_answers", {"guard", "outcome"},
                                           "Orders about which guards were asked, by what came of it.", "1", true)),
    refused_(counters_by_reason(registry, "http_refused", refusals, "Requests and connections refused, by reason.")),
    tokens_refused_(counters_by_reason(registry, "tokens_refused", token_refusals, "Tokens refused, by reason.")) {}

void http_metrics::count_guard(std::string_view guard, std::string_view outcome) {
  guard_family_.get_or_add({{"guard", {guard.data(), guard.size()}}, {"outcome", {outcome.data(), outcome.size()}}})
    ->inc();
}

void http_metrics::count(std::size_t index, std::string_view route, unsigned status,
                         std::chrono::steady_clock::duration took, tracing::exemplars* exemplars,
                         const std::optional<tracing::trace_id>& trace) {
  const auto status_class = std::min(status / 100, 5U);
  auto& known = requests_[std::min(index, max_routes)][status_class];
  auto* requests = known.load(std::memory_order_acquire);
  if (!requests) {
    const auto text = std::to_string(status_class) + "xx";
    requests = request_family_.get_or_add({{"route", {route.data(), route.size()}}, {"status", text}});
    known.store(requests, std::memory_order_release);
  }
  requests->inc();
  auto& known_time = seconds_[std::min(index, max_routes)];
  auto* seconds = known_time.load(std::memory_order_acquire);
  if (!seconds) {
    seconds = seconds_family_.get_or_add({{"route", {route.data(), route.size()}}});
    known_time.store(seconds, std::memory_order_release);
  }
  tracing::observe(*seconds, std::chrono::duration<double>(took).count(), exemplars, trace,
                   trace ? now() : timestamp{});
}

} // namespace waybill::http
