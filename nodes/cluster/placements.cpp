#include "nodes/cluster/placements.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <set>

namespace waybill {

namespace {

bool same_peers(const std::vector<region_peer>& a, const std::vector<region_peer>& b) {
  return std::ranges::equal(
    a, b, [](const region_peer& x, const region_peer& y) { return x.node == y.node && x.region == y.region; });
}

/// But for the epoch.
bool same_placement(const placement& a, const placement& b) {
  return a.fenced == b.fenced && same_peers(a.peers, b.peers) && same_peers(a.leaving, b.leaving);
}

} // namespace

bool placements::publish(bool fenced) {
  bool has_changed = false;
  std::set<kind> kinds;
  for (const auto& sink : settings_.sinks)
    kinds.emplace(sink.role, sink.part);
  for (const auto& [role, part] : kinds) {
    auto next = fenced ? placement{} : view_.place(role, part);
    next.fenced = fenced;
    const auto last = published_.find({role, part});
    if (last != published_.end() && same_placement(last->second, next))
      continue;
    has_changed = true;
    next.epoch = ++epoch_;
    next.self = settings_.node;
    for (const auto& sink : settings_.sinks)
      if (sink.role == role && sink.part == part)
        caf::anon_send(sink.sink, next);
    published_.insert_or_assign({role, part}, std::move(next));
  }
  return has_changed;
}

} // namespace waybill
