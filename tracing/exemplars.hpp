#pragma once

#include "domain/base/time.hpp"
#include "tracing/trace_context.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>

namespace waybill::tracing {

/// One observation of a histogram that belongs to a sampled trace (OpenMetrics 1.0, section "Exemplars"): who sees a
/// slow bucket finds the trace of a request, or an order, that fell into it.
struct exemplar {
  trace_id trace;
  /// What was observed, in the unit of the histogram.
  double value = 0;
  timestamp at;
};

/// The latest exemplar of each bucket of each histogram. As many at most as there are buckets. Thread-safe.
class exemplars {
public:
  /// `bucket`: its address, which names it.
  void set(const void* bucket, const exemplar& latest);
  [[nodiscard]] std::optional<exemplar> find(const void* bucket) const;

private:
  mutable std::mutex mutex_;
  std::map<const void*, exemplar> latest_;
};

/// Counts `value` in a histogram of CAF; with a trace, also as the exemplar of its bucket.
template <class Histogram>
void observe(Histogram& histogram, double value, exemplars* all, const std::optional<trace_id>& trace, timestamp at) {
  histogram.observe(value);
  if (all == nullptr || !trace)
    return;
  const auto buckets = histogram.buckets();
  const auto bucket =
    std::find_if(buckets.begin(), buckets.end(), [&](const auto& x) { return value <= x.upper_bound; });
  if (bucket != buckets.end())
    all->set(&*bucket, {*trace, value, at});
}

} // namespace waybill::tracing
