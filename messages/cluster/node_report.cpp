#include "messages/cluster/node_report.hpp"

#include <algorithm>
#include <numeric>

namespace waybill {

std::optional<std::uint64_t> quantile_of(const std::vector<std::uint64_t>& bounds_us,
                                         const std::vector<std::uint64_t>& counts, unsigned percent) {
  const auto all = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  if (all == 0 || bounds_us.empty())
    return std::nullopt;
  constexpr unsigned whole = 100;
  const auto rank = std::max<std::uint64_t>((all * percent + whole - 1) / whole, 1);
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (below + counts[i] < rank) {
      below += counts[i];
      continue;
    }
    if (i >= bounds_us.size())
      return bounds_us.back();
    // As if the values of a bucket were spread evenly in it, as Prometheus does.
    const auto from = i == 0 ? 0 : bounds_us[i - 1];
    return from + (bounds_us[i] - from) * (rank - below) / counts[i];
  }
  return bounds_us.back();
}

node_report sum_of(const std::vector<node_report>& nodes) {
  node_report sum;
  for (const auto& node : nodes) {
    if (node.bounds_us.empty())
      continue;
    if (sum.bounds_us.empty())
      sum.bounds_us = node.bounds_us;
    if (sum.bounds_us != node.bounds_us)
      continue;
    for (const auto& histogram : node.last_hour) {
      auto known = std::ranges::find(sum.last_hour, histogram.name, &latency_histogram::name);
      if (known == sum.last_hour.end())
        known = sum.last_hour.insert(known, {histogram.name, {}});
      known->counts.resize(std::max(known->counts.size(), histogram.counts.size()));
      for (std::size_t i = 0; i < histogram.counts.size(); ++i)
        known->counts[i] += histogram.counts[i];
    }
  }
  return sum;
}

std::uint64_t count_of(const latency_histogram& histogram) {
  return std::accumulate(histogram.counts.begin(), histogram.counts.end(), std::uint64_t{0});
}

} // namespace waybill
