#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace waybill::http {

/// What the gateway counts; updated from all of its threads.
class http_metrics {
public:
  static constexpr std::size_t max_routes = 64;

  std::atomic<std::int64_t> connections = 0;
  std::atomic<std::int64_t> in_flight = 0;
  std::atomic<std::int64_t> websockets = 0;
  std::atomic<std::int64_t> subscribers = 0;
  std::atomic<std::uint64_t> refused_overloaded = 0;

  /// `route` is the place in the routing table, or max_routes - 1 for none.
  void count(std::size_t route, unsigned status, std::chrono::steady_clock::duration took) noexcept;

  /// Prometheus' text format; `name_of` gives the method and pattern of a route, empty behind the last one.
  [[nodiscard]] std::string text(std::string_view (*name_of)(std::size_t)) const;

private:
  static constexpr std::array<double, 11> bounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5, 10};

  std::array<std::array<std::atomic<std::uint64_t>, 6>, max_routes> requests_{};
  std::array<std::atomic<std::uint64_t>, bounds.size() + 1> buckets_{};
  std::atomic<std::uint64_t> sum_microseconds_ = 0;
};

} // namespace waybill::http
