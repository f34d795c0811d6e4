#pragma once

#include "tracing/exemplars.hpp"

#include <caf/fwd.hpp>
#include <caf/telemetry/counter.hpp>
#include <caf/telemetry/gauge.hpp>
#include <caf/telemetry/histogram.hpp>
#include <caf/telemetry/metric_family_impl.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace waybill::http {

/// Why a request or a connection was refused.
enum class refusal : std::uint8_t {
  /// More requests are under way than can be answered in time.
  in_flight,
  /// There are too many connections.
  connections,
  /// Too many octets wait for slow clients.
  buffered,
  /// There are too many event streams.
  subscribers,
  /// The database cannot be reached.
  store,
  /// The caller sends more requests than it may.
  rate,
  /// The address has too many connections.
  address_connections,
  /// A TLS handshake was ended in favour of a newer one.
  handshakes,
};

/// Why a token was refused; the first ones are those of token_fault.
enum class token_refusal : std::uint8_t {
  malformed,
  unknown_key,
  bad_signature,
  expired,
  not_yet_valid,
  wrong_claims,
  service_key,
  refresh,
};

/// The gateway's metrics in the registry of the actor system. Used by all of its threads. The gauges are also what the
/// limits are checked against.
class http_metrics {
public:
  using counter = caf::telemetry::int_counter;
  using gauge = caf::telemetry::int_gauge;

  explicit http_metrics(caf::telemetry::metric_registry& registry);

  gauge& connections;
  gauge& in_flight;
  gauge& requests_limit;
  /// Octets of large bodies, large answers and events that wait for clients.
  gauge& buffered;
  gauge& websockets;
  gauge& subscribers;
  counter& handshakes;
  counter& failed_handshakes;
  counter& logins_ok;
  counter& logins_failed;

  void count(refusal reason) noexcept { refused_[static_cast<std::size_t>(reason)]->inc(); }
  void count(token_refusal reason) noexcept { tokens_refused_[static_cast<std::size_t>(reason)]->inc(); }

  /// A guard was asked about an order.
  void count_guard(std::string_view guard, std::string_view outcome);

  /// A request was answered. `index` is the place of its route in the routing table, `route` its name; both are those
  /// of no route for requests without one. With a `trace`, the request is the exemplar of its bucket in `exemplars`.
  void count(std::size_t index, std::string_view route, unsigned status, std::chrono::steady_clock::duration took,
             tracing::exemplars* exemplars = nullptr, const std::optional<tracing::trace_id>& trace = {});

  /// The index of requests without a route.
  static constexpr std::size_t max_routes = 128;

private:
  using seconds_histogram = caf::telemetry::dbl_histogram;

  /// By route and class of status; null until the first such answer.
  std::array<std::array<std::atomic<counter*>, 6>, max_routes + 1> requests_{};
  caf::telemetry::metric_family_impl<counter>& request_family_;
  /// By route, as above.
  std::array<std::atomic<seconds_histogram*>, max_routes + 1> seconds_{};
  caf::telemetry::metric_family_impl<seconds_histogram>& seconds_family_;
  caf::telemetry::metric_family_impl<counter>& guard_family_;
  std::array<counter*, 8> refused_{};
  std::array<counter*, 8> tokens_refused_{};
};

/// Counts in `total` for as long as it lives.
class counted {
public:
  explicit counted(http_metrics::gauge& total, std::int64_t amount = 1) : total_(total), amount_(amount) {
    total_.inc(amount_);
  }
  ~counted() { total_.dec(amount_); }
  counted(const counted&) = delete;
  counted& operator=(const counted&) = delete;

private:
  http_metrics::gauge& total_;
  std::int64_t amount_;
};

} // namespace waybill::http
