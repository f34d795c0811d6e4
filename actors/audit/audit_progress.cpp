#include "actors/audit/audit_progress.hpp"

#include <algorithm>

namespace waybill {

bool audit_progress::is_open(const violation& found_now) const {
  return std::any_of(open.begin(), open.end(), [&](const kept_violation& known) { return known.what == found_now; });
}

void audit_progress::count(const std::string& invariant) {
  auto entry = std::find_if(found.begin(), found.end(),
                            [&](const violation_count& count) { return count.invariant == invariant; });
  if (entry == found.end())
    entry = found.insert(found.end(), {invariant, 0});
  ++entry->found;
}

audit_changes enter(audit_progress& progress, const std::string& unit, const violations& seen, bool thorough,
                    timestamp now, std::size_t most_open) {
  audit_changes changes;
  ++progress.units;
  if (thorough) {
    const auto gone = std::stable_partition(progress.open.begin(), progress.open.end(), [&](const auto& known) {
      return known.unit != unit || std::find(seen.begin(), seen.end(), known.what) != seen.end();
    });
    changes.cleared.assign(gone, progress.open.end());
    progress.open.erase(gone, progress.open.end());
  }
  for (const auto& violation : seen) {
    if (progress.is_open(violation))
      continue;
    progress.count(violation.invariant);
    changes.found.push_back(violation);
    if (progress.open.size() < most_open)
      progress.open.push_back({violation, unit, now});
  }
  return changes;
}

} // namespace waybill
