#include "persistence/audit/check_context.hpp"

#include "persistence/queries/log/event_horizon.hpp"

namespace waybill {

void check_context::complain(const char* invariant, const std::string& subject, std::string detail) {
  report.found.push_back({invariant, subject, std::move(detail)});
}

bool check_context::is_cut(const std::string& id, std::uint64_t oldest, const audited_entity* stored) {
  if (oldest == 1 || (oldest == 0 && stored == nullptr) || read_horizon(store).removed == 0)
    return false;
  if (stored == nullptr)
    complain_of_missing_state(id);
  else if (oldest > stored->version + 1)
    complain("I4", id,
             "the stored state is of version " + std::to_string(stored->version)
               + ", what is left of its stream begins at " + std::to_string(oldest));
  cut_streams.insert(id);
  return true;
}

void check_context::check_stored_version(const std::string& id, const std::optional<audited_entity>& stored,
                                         std::uint64_t newest) {
  if (stored && stored->version > newest)
    complain("I4", id,
             "the stored state is of version " + std::to_string(stored->version) + ", its stream ends at "
               + std::to_string(newest));
}

void check_context::check_finished(const std::string& id, const std::optional<audited_entity>& stored) {
  if (!stored || (!stored->unfinished && !stored->has_timer))
    return;
  // What was read before the events may have been replaced since.
  const auto current = find_audited(store, id);
  if (current && (current->unfinished || current->has_timer))
    complain("I3", id,
             std::string{"its life is over, but it keeps "} + (current->has_timer ? "a timer" : "a mark of work"));
}

void check_context::complain_of_gap(const std::string& id, std::uint64_t version, std::uint64_t due) {
  complain("I4", id, "its stream has version " + std::to_string(version) + " where " + std::to_string(due) + " is due");
}

void check_context::complain_of_gaps_up_to(const std::string& id, std::uint64_t newest) {
  complain("I4", id, "its versions have gaps up to " + std::to_string(newest));
}

void check_context::complain_of_missing_state(const std::string& id) {
  complain("I5", id, "there are events, but no stored state");
}

} // namespace waybill
