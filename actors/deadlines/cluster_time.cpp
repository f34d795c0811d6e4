#include "actors/deadlines/cluster_time.hpp"

#include <limits>
#include <utility>

namespace waybill {

namespace {

constexpr auto no_offset = std::numeric_limits<timestamp::rep>::min();

timestamp::duration since_start(cluster_time::steady::time_point time) {
  return std::chrono::duration_cast<timestamp::duration>(time.time_since_epoch());
}

} // namespace

cluster_time::cluster_time(milliseconds fresh_for, std::function<steady::time_point()> steady_now)
  : fresh_for_(fresh_for), steady_now_(std::move(steady_now)), offset_(no_offset) {}

std::shared_ptr<const cluster_time::look> cluster_time::last() const {
  const std::lock_guard guard{mutex_};
  return last_;
}

timestamp cluster_time::now() const {
  const auto offset = offset_.load(std::memory_order_relaxed);
  if (offset == no_offset)
    return waybill::now();
  return timestamp{since_start(steady_now_()) + timestamp::duration{offset}};
}

void cluster_time::update(timestamp time, steady::time_point taken, absences seen) {
  auto next = std::make_shared<const look>(look{taken, std::move(seen)});
  const std::lock_guard guard{mutex_};
  last_ = std::move(next);
  // Within the lock, and last: who sees a clock that has jumped ahead also sees the absence that this was.
  offset_.store((time.time_since_epoch() - since_start(taken)).count(), std::memory_order_relaxed);
}

std::optional<fair_deadline> cluster_time::judge(timestamp nominal, timestamp began, role_set roles) const {
  const auto known = last();
  if (!known || steady_now_() - known->taken > fresh_for_)
    return std::nullopt;
  return known->seen.postpone(nominal, began, roles);
}

} // namespace waybill
