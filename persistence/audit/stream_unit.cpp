#include "persistence/audit/stream_unit.hpp"

#include <algorithm>

namespace waybill {

void check_stream_unit(check_context& context, followed_streams& followed, const std::string& id) {
  const auto stored = find_audited(context.store, id);
  const auto before = context.thorough ? 0 : followed.follow(id).version;
  const auto extent = measure_stream(context.store, id, before);
  context.report.rows += 2;
  context.report.events += extent.count;
  // Where versions are missing at its front, it begins with the first that is left.
  const bool misses_front = extent.oldest != before + 1 && (extent.count > 0 || (stored && stored->version > before));
  const bool cut = misses_front && context.is_cut(id, extent.oldest, get_if_stored(stored));
  const auto newest = std::max({before, extent.newest, cut && stored ? stored->version : 0});
  const auto begin = cut ? std::max(extent.oldest, std::uint64_t{1}) - 1 : before;
  if (extent.count > 0 && begin + extent.count != extent.newest)
    context.complain_of_gaps_up_to(id, newest);
  context.check_stored_version(id, stored, newest);
  if (!context.thorough && context.report.found.empty())
    followed.follow(id).version = newest;
}

} // namespace waybill
