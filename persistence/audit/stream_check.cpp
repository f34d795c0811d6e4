#include "persistence/audit/audit_check.hpp"

#include "persistence/queries/event_horizon.hpp"

#include <algorithm>

// What is checked of a stream by its versions alone, whatever its events mean, and whether its beginning was removed.

namespace waybill {

/// Whether the beginning of a stream is gone because old events are removed (docs/adr/0015). `oldest` is its lowest
/// version, zero when none is left. What was removed is part of the stored state, so that no version may be missing
/// between.
bool audit_check::is_cut(const std::string& id, std::uint64_t oldest, const audited_entity* stored) {
  if (oldest == 1 || (oldest == 0 && stored == nullptr) || read_horizon(store_).removed == 0)
    return false;
  if (stored == nullptr)
    complain("I5", id, "there are events, but no stored state");
  else if (oldest > stored->version + 1)
    complain("I4", id,
             "the stored state is of version " + std::to_string(stored->version)
               + ", what is left of its stream begins at " + std::to_string(oldest));
  if (cut_.insert(id).second)
    ++cut_streams_;
  return true;
}

/// Whether events behind `version`, up to which the stream was followed, were removed.
bool audit_check::was_overtaken(const std::string& id, std::uint64_t version, const audited_entity* stored) {
  if (read_horizon(store_).removed == 0)
    return false;
  const auto rest = measure_stream(store_, id, version);
  return rest.count > 0 ? rest.oldest != version + 1 : stored != nullptr && stored->version > version;
}

void audit_check::check_stream(const std::string& id) {
  const auto stored = find_audited(store_, id);
  const auto before = thorough_ ? 0 : follow(id).version;
  const auto extent = measure_stream(store_, id, before);
  report_.rows += 2;
  report_.events += extent.count;
  // Where versions are missing at its front it begins with the first that is left.
  const bool at_front = extent.oldest != before + 1 && (extent.count > 0 || (stored && stored->version > before));
  const bool cut = at_front && is_cut(id, extent.oldest, stored ? &*stored : nullptr);
  const auto newest = std::max({before, extent.newest, cut && stored ? stored->version : 0});
  const auto begin = cut ? std::max(extent.oldest, std::uint64_t{1}) - 1 : before;
  if (extent.count > 0 && begin + extent.count != extent.newest)
    complain("I4", id, "its versions have gaps up to " + std::to_string(newest));
  if (stored && stored->version > newest)
    complain("I4", id,
             "the stored state is of version " + std::to_string(stored->version) + ", its stream ends at "
               + std::to_string(newest));
  if (!thorough_ && report_.found.empty())
    follow(id).version = newest;
}

} // namespace waybill
