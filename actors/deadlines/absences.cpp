#include "actors/deadlines/absences.hpp"

#include <algorithm>
#include <utility>

namespace waybill {

absences::absences(std::vector<absence> known, std::map<role, timestamp> last_seen)
  : known_(std::move(known)), last_seen_(std::move(last_seen)) {
  std::ranges::sort(known_, {}, &absence::since);
}

std::optional<fair_deadline> absences::postpone(timestamp nominal, timestamp began, role_set roles) const {
  fair_deadline fair{nominal};
  // All up to here is counted or taken out already.
  auto seen = began;
  for (const auto& [role, since, until] : known_) {
    if (!roles.contains(role) || (until && *until <= seen))
      continue;
    const auto from = std::max(since, seen);
    // The deadline passed while all that it needs was there.
    if (from >= fair.at)
      break;
    if (!until)
      return std::nullopt;
    fair.at += *until - from;
    fair.back_since = seen = *until;
  }
  for (const auto& [role, at] : last_seen_)
    if (roles.contains(role) && at < fair.at)
      return std::nullopt;
  return fair;
}

} // namespace waybill
