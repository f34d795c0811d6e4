#include "nodes/readiness.hpp"

#include "nodes/cluster/membership_table.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>

namespace waybill {

role_watch::role_watch(bool accounts)
  : watched_{role::order, role::payment, role::inventory, role::delivery, role::notification} {
  // Where no token is needed, nobody has to sign in.
  if (accounts)
    watched_.push_back(role::account);
}

std::vector<std::string> role_watch::missing() const {
  std::vector<std::string> result;
  for (const auto which : watched_)
    if (!reachable_.at(static_cast<std::size_t>(which)))
      result.push_back("no node with the role " + std::string{role_name(which)} + " can be reached");
  return result;
}

std::vector<local_sink> spawn_role_watch(caf::actor_system& sys, const std::shared_ptr<role_watch>& watch) {
  std::vector<local_sink> sinks;
  for (const auto which : watch->watched()) {
    auto sink = sys.spawn([watch, which]() -> placement_sink::behavior_type {
      return {[watch, which](const placement& now) {
        const bool reachable =
          std::ranges::any_of(now.peers, [](const region_peer& peer) { return peer.region != nullptr; });
        watch->note(which, reachable);
      }};
    });
    sinks.push_back({which, sink});
  }
  return sinks;
}

} // namespace waybill
