#include "nodes/wiring/readiness.hpp"

#include "nodes/options/role_words.hpp"

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>

namespace waybill {

role_watch::role_watch(bool accounts)
  : watched_{role::order, role::payment, role::inventory, role::delivery, role::notification} {
  // Where no token is needed, no account is.
  if (accounts)
    watched_.push_back(role::account);
}

std::vector<std::string> role_watch::missing() const {
  std::vector<std::string> result;
  for (const auto watched : watched_)
    if (!reachable_.at(static_cast<std::size_t>(watched)))
      result.push_back("no node with the role " + std::string{role_name(watched)} + " can be reached");
  return result;
}

namespace {

struct role_watcher_state {
  static inline const char* name = "waybill.role_watch";
};

using role_watcher = placement_sink::stateful_pointer<role_watcher_state>;

} // namespace

std::vector<local_sink> spawn_role_watch(caf::actor_system& sys, const std::shared_ptr<role_watch>& watch) {
  std::vector<local_sink> sinks;
  for (const auto watched : watch->watched()) {
    auto sink = sys.spawn([watch, watched](role_watcher) -> placement_sink::behavior_type {
      return {[watch, watched](const placement& now) {
        const bool reachable =
          std::ranges::any_of(now.peers, [](const region_peer& peer) { return peer.region != nullptr; });
        watch->note(watched, reachable);
      }};
    });
    sinks.push_back({watched, sink});
  }
  return sinks;
}

} // namespace waybill
