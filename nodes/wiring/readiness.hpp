#pragma once

#include "nodes/cluster/cluster.hpp"

#include <caf/fwd.hpp>

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace waybill {

/// Whether the entities of every role can be reached: some node holds them. Thread-safe.
class role_watch {
public:
  /// `accounts`: users must be able to sign in.
  explicit role_watch(bool accounts);

  [[nodiscard]] const std::vector<role>& watched() const noexcept { return watched_; }

  /// One sentence for each role that no reachable node has.
  [[nodiscard]] std::vector<std::string> missing() const;

  void note(role watched, bool reachable) { reachable_.at(static_cast<std::size_t>(watched)) = reachable; }

private:
  std::vector<role> watched_;
  std::array<std::atomic<bool>, 7> reachable_{};
};

/// Sinks that tell `watch` of each placement. They end with send_exit.
std::vector<local_sink> spawn_role_watch(caf::actor_system& sys, const std::shared_ptr<role_watch>& watch);

} // namespace waybill
