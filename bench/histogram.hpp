#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace waybill::bench {

/// Counts values in buckets whose width grows with the value (the idea of HdrHistogram): every value up to 127 has a
/// bucket of its own, larger ones share one with values less than 1/64 away. Fixed size, no allocation.
class histogram {
public:
  void add(std::uint64_t value) noexcept;

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] std::uint64_t max() const noexcept { return max_; }

  /// The smallest recorded bucket's upper end that at least `share` (0..1) of all values do not exceed; zero when there
  /// are none. Never more than the largest value.
  [[nodiscard]] std::uint64_t quantile(double share) const noexcept;

private:
  // 64 buckets for each power of two from 2^6 on, and the values below 64 one by one.
  static constexpr unsigned bits = 6;
  static constexpr std::size_t per_power = std::size_t{1} << bits;
  static constexpr std::size_t buckets = (64 - bits + 1) * per_power;

  static std::size_t index_of(std::uint64_t value) noexcept;
  static std::uint64_t upper_end(std::size_t index) noexcept;

  std::array<std::uint64_t, buckets> counts_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

/// The histograms of the workloads count microseconds.
inline std::uint64_t microseconds_since(std::chrono::steady_clock::time_point begin) {
  const auto elapsed = std::chrono::steady_clock::now() - begin;
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count());
}

} // namespace waybill::bench
