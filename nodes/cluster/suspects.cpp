#include "nodes/cluster/suspects.hpp"

#include <utility>

namespace waybill {

suspects::change suspects::review(const std::vector<node_entry>& unreachable, bool may_suspect, time_point now) {
  change result;
  std::set<std::string> names;
  std::map<std::string, time_point> since;
  for (const auto& node : unreachable) {
    const auto known = unreachable_since_.find(node.node);
    const bool is_new = known == unreachable_since_.end();
    const auto start = is_new ? now : known->second;
    since.emplace(node.node, start);
    if (now - start < after_) {
      result.again = result.again || is_new;
      continue;
    }
    if (may_suspect && names.insert(node.node).second && !names_.contains(node.node))
      result.added.push_back(node);
  }
  unreachable_since_ = std::move(since);
  result.changed = names != names_;
  names_ = std::move(names);
  return result;
}

} // namespace waybill
