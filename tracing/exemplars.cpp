#include "tracing/exemplars.hpp"

namespace waybill::tracing {

void exemplars::set(const void* bucket, const exemplar& latest) {
  const std::lock_guard guard{mutex_};
  latest_.insert_or_assign(bucket, latest);
}

std::optional<exemplar> exemplars::find(const void* bucket) const {
  const std::lock_guard guard{mutex_};
  const auto known = latest_.find(bucket);
  return known == latest_.end() ? std::nullopt : std::optional{known->second};
}

} // namespace waybill::tracing
