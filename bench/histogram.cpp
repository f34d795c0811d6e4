#include "bench/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace waybill::bench {

std::size_t histogram::index_of(std::uint64_t value) noexcept {
  if (value < per_power)
    return static_cast<std::size_t>(value);
  // The highest bit chooses the power, the next six the bucket in it.
  const auto power = static_cast<std::size_t>(std::bit_width(value)) - 1;
  const auto within = static_cast<std::size_t>(value >> (power - bits)) - per_power;
  return (power - bits + 1) * per_power + within;
}

std::uint64_t histogram::upper_end(std::size_t index) noexcept {
  if (index < per_power)
    return index;
  const auto shift = index / per_power - 1;
  const auto low = static_cast<std::uint64_t>(per_power + index % per_power) << shift;
  return low + ((std::uint64_t{1} << shift) - 1);
}

void histogram::add(std::uint64_t value) noexcept {
  ++counts_[index_of(value)];
  ++count_;
  max_ = std::max(max_, value);
}

std::uint64_t histogram::quantile(double share) const noexcept {
  if (count_ == 0)
    return 0;
  const auto rank =
    std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_))));
  std::uint64_t passed = 0;
  for (std::size_t i = 0; i < buckets; ++i) {
    passed += counts_[i];
    if (passed >= rank)
      return std::min(upper_end(i), max_);
  }
  return max_;
}

} // namespace waybill::bench
