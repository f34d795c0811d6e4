#pragma once

#include "messages/cluster/cluster.hpp"

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace waybill {

/// The nodes that this one suspects, because it has not reached them for a while. A plain value; no actor, no clock.
class suspects {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit suspects(milliseconds after) : after_(after) {}

  struct change {
    /// Nodes that are suspected from now on.
    std::vector<node_entry> added;
    /// Nodes that were reached until now: review again after the time that it takes to suspect them.
    bool again = false;
    /// `names` is no longer what it was.
    bool changed = false;
  };

  /// `unreachable` are the nodes that cannot be reached now; only a node that is up itself (`may_suspect`) suspects
  /// others.
  change review(const std::vector<node_entry>& unreachable, bool may_suspect, time_point now);

  [[nodiscard]] const std::set<std::string>& names() const noexcept { return names_; }

private:
  milliseconds after_;
  std::map<std::string, time_point> unreachable_since_;
  std::set<std::string> names_;
};

} // namespace waybill
