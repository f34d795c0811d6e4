#include "bench/metrics.hpp"

#include <charconv>

namespace waybill::bench {

finished_counts read_finished(std::string_view metrics) {
  static constexpr std::string_view name = "waybill_orders_finished_total{";
  static constexpr std::string_view label = "status=\"";
  finished_counts out;
  while (!metrics.empty()) {
    const auto end = metrics.find('\n');
    const auto line = metrics.substr(0, end);
    metrics.remove_prefix(end == std::string_view::npos ? metrics.size() : end + 1);
    const auto close = line.find("} ");
    const auto at = line.find(label);
    if (!line.starts_with(name) || close == std::string_view::npos || at == std::string_view::npos || at > close)
      continue;
    const auto status = line.substr(at + label.size(), line.find('"', at + label.size()) - at - label.size());
    double value = 0;
    const auto number = line.substr(close + 2);
    if (std::from_chars(number.data(), number.data() + number.size(), value).ec == std::errc{} && value >= 0)
      out[std::string{status}] += static_cast<std::uint64_t>(value);
  }
  return out;
}

std::uint64_t total(const finished_counts& counts) {
  std::uint64_t out = 0;
  for (const auto& [status, count] : counts)
    out += count;
  return out;
}

} // namespace waybill::bench
