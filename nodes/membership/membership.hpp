#pragma once

#include "messages/type_ids.hpp"
#include "nodes/membership/membership_table.hpp"

#include <caf/actor_clock.hpp>
#include <caf/fwd.hpp>
#include <caf/timespan.hpp>
#include <caf/typed_actor.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>

namespace waybill {

/// Keeps this node's row in the membership table and tells its observer what the table says.
using membership_actor = caf::typed_actor<
  // Renews, looks, tells; and again after the renewal time, or as soon as a lease of another node runs out.
  caf::result<void>(caf::tick_atom),
  // The same at once, out of turn; answers when the observer was told. Fails with unavailable.
  caf::result<void>(membership_changed),
  // Writes the state of this node under this incarnation, then as above. Fails with conflict when that is not the one
  // under which it has joined (any more).
  caf::result<void>(caf::put_atom, node_state, std::uint64_t),
  // Writes which nodes this node cannot reach, then as above.
  caf::result<void>(caf::put_atom, std::set<std::string>),
  // What this node holds is no longer what the database has, and why: tells the observer to drop it, gives the lease
  // back and joins anew. Fails with unavailable: then it goes on trying.
  caf::result<void>(caf::reset_atom, std::string),
  // Gives the lease back and ends. Fails with unavailable: then the lease runs out by itself.
  caf::result<void>(caf::leave_atom)>;

/// A reading of the actor clock, which is steady, on its way from actor to actor of this process: the time since the
/// clock's epoch. It means nothing to another process.
using steady_reading = caf::timespan;

inline steady_reading to_reading(caf::actor_clock::time_point time) {
  return std::chrono::duration_cast<steady_reading>(time.time_since_epoch());
}

inline caf::actor_clock::time_point to_steady_time(steady_reading reading) {
  return caf::actor_clock::time_point{std::chrono::duration_cast<caf::actor_clock::duration_type>(reading)};
}

/// What the membership actor tells: the cluster actor is its observer.
using membership_observer_actor = caf::typed_actor<
  // What the table said, and under which incarnation and from when on the own lease holds: a reading of the actor clock
  // from before the database was asked. (Not how long ago that was: the process may be stopped before this message is
  // handled.) The sender is the membership actor, or nobody when the node is alone.
  caf::result<void>(caf::update_atom, node_list, std::uint64_t, steady_reading),
  // The own lease is lost, and why: what the regions hold is no longer theirs.
  caf::result<void>(caf::reset_atom, std::string)>;

/// The actor takes the table, in which `self` has joined and was announced under its incarnation, and blocks in it:
/// spawned detached. It starts at once. When the lease runs out, because this process was stopped or the database was
/// away, it tells the observer so and joins anew under a higher incarnation. `on_evicted` runs in the actor's thread
/// when that is impossible, because another process has taken the node's name or address: this one must end.
membership_actor spawn_membership(caf::actor_system& sys, std::shared_ptr<membership_table> table,
                                  const membership_settings& settings, node_entry self,
                                  membership_observer_actor observer, std::function<void()> on_evicted);

/// The same behaviour in the thread pool, for tests with a table that does not block.
membership_actor spawn_undetached_membership(caf::actor_system& sys, std::shared_ptr<membership_table> table,
                                             const membership_settings& settings, node_entry self,
                                             membership_observer_actor observer, std::function<void()> on_evicted);

} // namespace waybill
