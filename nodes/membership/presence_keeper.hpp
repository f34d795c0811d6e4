#pragma once

#include "actors/deadlines/cluster_time.hpp"
#include "messages/type_ids.hpp"
#include "persistence/presence/presence_table.hpp"

#include <caf/fwd.hpp>
#include <caf/typed_actor.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

namespace waybill {

struct presence_keeper_settings {
  /// What this node serves.
  std::vector<role> roles;
  /// Whether it may serve now: it has a lease, or needs none.
  std::function<bool()> serves = [] { return true; };
  milliseconds interval{1'000};
  /// See cluster_time.
  milliseconds fresh_for{4'000};
  /// A clock of this machine that goes back by more, with SQLite, is not followed.
  milliseconds most_back{4'000};
  std::function<timestamp()> clock = waybill::now;
};

/// Tells the table that this node's roles are served, and `time` what the table says. Blocks; belongs to one thread at
/// a time.
class presence_keeper {
public:
  presence_keeper(std::unique_ptr<presence_table> table, presence_keeper_settings settings,
                  std::shared_ptr<cluster_time> time);

  /// Fails with ec::unavailable: then nothing is known, and deadlines are not judged.
  result<void> look();

  [[nodiscard]] milliseconds interval() const noexcept { return settings_.interval; }

private:
  timestamp local_time();

  std::unique_ptr<presence_table> table_;
  presence_keeper_settings settings_;
  std::shared_ptr<cluster_time> time_;
  bool has_looked_ = false;
  bool was_set_back_ = false;
};

using presence_keeper_actor = caf::typed_actor<
  // Looks, and again after the interval.
  caf::result<void>(caf::tick_atom)>;

/// Ends with send_exit.
presence_keeper_actor spawn_presence_keeper(caf::actor_system& sys, std::unique_ptr<presence_keeper> keeper);

} // namespace waybill
