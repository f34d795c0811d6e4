#include "gateway/limits/admission.hpp"

#include <algorithm>

namespace waybill::http {

namespace {

constexpr auto relaxed = std::memory_order_relaxed;

/// Fewer answers say nothing, and the limit must not change much faster than its effect shows.
constexpr std::uint64_t fewest_samples = 20;
constexpr std::chrono::milliseconds shortest_window{100};

/// The limit changes at most by these factors in one step: one slow window may be an exception.
constexpr double strongest_cut = 0.5;
constexpr double strongest_rise = 1.1;
/// The limit was in use when this share of it was taken.
constexpr double in_use = 0.5;

} // namespace

admission::admission(const settings& how)
  : settings_{how.most, std::min(how.first, how.most), std::min(how.least, how.most), how.target},
    limit_{how.target.count() == 0 ? how.most : settings_.first} {}

bool admission::enter() noexcept {
  const auto now_inside = inside_.fetch_add(1, relaxed) + 1;
  if (now_inside > limit_.load(relaxed)) {
    inside_.fetch_sub(1, relaxed);
    return false;
  }
  auto peak = peak_.load(relaxed);
  while (peak < now_inside && !peak_.compare_exchange_weak(peak, now_inside, relaxed)) {
  }
  return true;
}

void admission::leave(clock::duration took, clock::time_point now) {
  inside_.fetch_sub(1, relaxed);
  if (settings_.target.count() == 0)
    return;
  const auto spent = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
  took_microseconds_.fetch_add(static_cast<std::uint64_t>(std::max<std::int64_t>(spent, 0)), relaxed);
  const auto samples = left_.fetch_add(1, relaxed) + 1;
  if (samples >= fewest_samples && now.time_since_epoch().count() >= window_end_.load(relaxed))
    adapt(now);
}

void admission::adapt(clock::time_point now) {
  const std::unique_lock lock{adapting_, std::try_to_lock};
  if (!lock || now.time_since_epoch().count() < window_end_.load(relaxed))
    return;
  const auto samples = left_.exchange(0, relaxed);
  const auto spent = took_microseconds_.exchange(0, relaxed);
  const auto peak = peak_.exchange(inside_.load(relaxed), relaxed);
  if (samples == 0)
    return;
  const std::chrono::microseconds mean{std::max<std::uint64_t>(spent / samples, 1)};
  const auto limit = static_cast<double>(limit_.load(relaxed));
  const auto fit =
    static_cast<double>(std::chrono::microseconds{settings_.target}.count()) / static_cast<double>(mean.count());
  auto next = limit;
  if (fit < 1)
    next = limit * std::max(fit, strongest_cut);
  else if (static_cast<double>(peak) >= limit * in_use || limit < static_cast<double>(settings_.first))
    next = limit * std::min(fit, strongest_rise) + 1;
  limit_ = std::clamp(static_cast<std::size_t>(next), settings_.least, settings_.most);
  window_end_ = (now + std::max<clock::duration>(mean, shortest_window)).time_since_epoch().count();
}

} // namespace waybill::http
