#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
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
  /// The database is away.
  store,
  /// The caller sends more than its share.
  rate,
  /// The address has too many connections.
  address_connections,
  /// A TLS handshake that had to give way to a newer one.
  handshakes,
};

/// What the gateway counts; updated from all of its threads.
class http_metrics {
public:
  static constexpr std::size_t max_routes = 128;
  static constexpr std::array<std::string_view, 8> refusals{
    "in_flight", "connections", "buffered", "subscribers", "store", "rate", "address_connections", "handshakes"};

  std::atomic<std::int64_t> connections = 0;
  std::atomic<std::int64_t> in_flight = 0;
  std::atomic<std::int64_t> websockets = 0;
  std::atomic<std::int64_t> subscribers = 0;
  /// Octets of large bodies, large answers and events that wait for clients.
  std::atomic<std::int64_t> buffered = 0;
  std::atomic<std::uint64_t> handshakes = 0;
  std::atomic<std::uint64_t> failed_handshakes = 0;

  void count(refusal why) noexcept { refused_[static_cast<std::size_t>(why)].fetch_add(1, std::memory_order_relaxed); }

  /// Logins by how they ended, and tokens that were not taken.
  std::atomic<std::uint64_t> logins_ok = 0;
  std::atomic<std::uint64_t> logins_failed = 0;
  static constexpr std::array<std::string_view, 8> token_refusals{
    "malformed", "unknown_key", "bad_signature", "expired", "not_yet_valid", "wrong_claims", "service_key", "refresh"};
  std::array<std::atomic<std::uint64_t>, token_refusals.size()> tokens_refused{};

  /// `route` is the place in the routing table, or max_routes - 1 for none.
  void count(std::size_t route, unsigned status, std::chrono::steady_clock::duration took) noexcept;

  /// Prometheus' text format; `name_of` gives the method and pattern of a route, empty behind the last one; `limit` is
  /// how many requests may be under way now.
  [[nodiscard]] std::string text(std::string_view (*name_of)(std::size_t), std::size_t limit) const;

private:
  static constexpr std::array<double, 11> bounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5, 10};

  std::array<std::array<std::atomic<std::uint64_t>, 6>, max_routes> requests_{};
  std::array<std::atomic<std::uint64_t>, bounds.size() + 1> buckets_{};
  std::atomic<std::uint64_t> sum_microseconds_ = 0;
  std::array<std::atomic<std::uint64_t>, refusals.size()> refused_{};
};

/// Counts octets that wait for a client for as long as it lives.
class buffered_octets {
public:
  buffered_octets(http_metrics& metrics, std::size_t octets)
    : metrics_(metrics), octets_(static_cast<std::int64_t>(octets)) {
    metrics_.buffered.fetch_add(octets_, std::memory_order_relaxed);
  }
  ~buffered_octets() { metrics_.buffered.fetch_sub(octets_, std::memory_order_relaxed); }
  buffered_octets(const buffered_octets&) = delete;
  buffered_octets& operator=(const buffered_octets&) = delete;

private:
  http_metrics& metrics_;
  std::int64_t octets_;
};

} // namespace waybill::http
