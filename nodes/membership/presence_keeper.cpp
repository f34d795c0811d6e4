#include "nodes/membership/presence_keeper.hpp"

#include "domain/base/log.hpp"

#include <caf/actor_system.hpp>
#include <caf/spawn_options.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <utility>

namespace waybill {

namespace {

struct presence_keeper_state {
  static inline const char* name = "waybill.presence_keeper";

  presence_keeper_state(presence_keeper_actor::pointer ptr, std::unique_ptr<presence_keeper> looks)
    : self(ptr), keeper(std::move(looks)) {}

  presence_keeper_actor::behavior_type make_behavior() {
    self->send(self, caf::tick_atom_v);
    return {[this](caf::tick_atom) { look(); }};
  }

  /// The reason of a failure is logged where the database is watched.
  void look() {
    static_cast<void>(keeper->look());
    self->delayed_send(self, keeper->interval(), caf::tick_atom_v);
  }

  presence_keeper_actor::pointer self;
  std::unique_ptr<presence_keeper> keeper;
};

} // namespace

presence_keeper::presence_keeper(std::unique_ptr<presence_table> table, presence_keeper_settings settings,
                                 std::shared_ptr<cluster_time> time)
  : table_(std::move(table)), settings_(std::move(settings)), time_(std::move(time)) {}

result<void> presence_keeper::look() {
  auto seen = table_->look(settings_.serves() ? settings_.roles : std::vector<role>{}, local_time());
  if (seen.has_error())
    return seen.error();
  time_->update(seen->time, seen->taken, absences{std::move(seen->absences), std::move(seen->last_seen)});
  has_looked_ = true;
  return {};
}

/// A clock that jumps ahead leaves a gap in the table, which counts as an absence. One that is set back would let every
/// deadline wait for as long: the node goes on by its own count.
timestamp presence_keeper::local_time() {
  const auto clock = settings_.clock();
  if (!has_looked_)
    return clock;
  const auto counted = time_->now();
  const bool set_back = clock < counted - settings_.most_back;
  if (set_back && !std::exchange(was_set_back_, true))
    log_warning("the clock of this machine was set back by {} s: timers go on by this node's own count until it is "
                "started again",
                std::chrono::duration_cast<std::chrono::seconds>(counted - clock).count());
  was_set_back_ = set_back;
  return set_back ? counted : clock;
}

presence_keeper_actor spawn_presence_keeper(caf::actor_system& sys, std::unique_ptr<presence_keeper> keeper) {
  return sys.spawn<presence_keeper_actor::stateful_impl<presence_keeper_state>, caf::detached>(std::move(keeper));
}

} // namespace waybill
