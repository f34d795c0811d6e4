#include "actors/audit/audit_progress.hpp"
#include "actors/audit/auditor.hpp"
#include "domain/json/codec.hpp"

#include <algorithm>
#include <chrono>

// What others read of the auditor's stored progress.

namespace waybill {

result<log_position> audit_position(const stored_entity& stored) {
  if (stored.state.empty())
    return log_position{};
  const auto progress = decode<audit_progress>(stored.state);
  if (!progress)
    return progress.error();
  return progress->position.of_generation(stored.generation);
}

result<audit_report> make_audit_report(const stored_entity& stored, const log_page& next, timestamp now) {
  audit_report report;
  if (!next.events.empty())
    report.behind = std::max(milliseconds{0}, std::chrono::duration_cast<milliseconds>(now - next.events.front().at));
  if (stored.state.empty())
    return report;
  const auto progress = decode<audit_progress>(stored.state);
  if (!progress)
    return progress.error();
  for (const auto& open : progress->open)
    report.open.push_back({open.what, open.found_at});
  report.found = progress->found;
  report.events = progress->events;
  report.units = progress->units;
  report.position = progress->position.of_generation(stored.generation);
  report.walked_at = progress->walked_at;
  report.saved_at = progress->saved_at;
  return report;
}

} // namespace waybill
