#include "nodes/process/supervisor.hpp"

#include <caf/abstract_actor.hpp>
#include <caf/actor_addr.hpp>
#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/monitorable_actor.hpp>
#include <caf/sec.hpp>

#include <mutex>
#include <utility>

namespace waybill {

struct supervisor::shared_state {
  std::mutex mutex;
  /// Empty once actors end because their node does.
  death_handler on_death;
  std::vector<caf::actor_addr> watched;
};

supervisor::supervisor(death_handler on_death) : state_(std::make_shared<shared_state>()) {
  state_->on_death = std::move(on_death);
}

void supervisor::watch(const caf::actor& actor) {
  watch(actor, false);
}

void supervisor::watch_task(const caf::actor& actor) {
  watch(actor, true);
}

void supervisor::watch(const caf::actor& actor, bool may_finish) {
  if (!actor)
    return;
  auto* watched = caf::actor_cast<caf::abstract_actor*>(actor);
  {
    const std::lock_guard guard{state_->mutex};
    state_->watched.push_back(actor.address());
  }
  const auto* named = dynamic_cast<caf::monitorable_actor*>(watched);
  std::string name = named != nullptr ? named->name() : "an actor";
  watched->attach_functor([state = state_, name = std::move(name), may_finish](const caf::error& reason) {
    if (may_finish && !reason)
      return;
    death_handler told;
    {
      const std::lock_guard guard{state->mutex};
      told = state->on_death;
    }
    if (told)
      told(name, describe_end(reason));
  });
}

void supervisor::release() {
  const std::lock_guard guard{state_->mutex};
  state_->on_death = nullptr;
}

std::vector<caf::actor_addr> supervisor::watched() const {
  const std::lock_guard guard{state_->mutex};
  return state_->watched;
}

std::string describe_end(const caf::error& reason) {
  if (!reason)
    return "it ended by itself";
  if (reason == caf::exit_reason::kill)
    return "it was killed";
  // What CAF makes of an exception: its type and its text.
  const auto context = reason.context();
  if (reason == caf::sec::runtime_error && context.size() == 2 && context.match_element<std::string>(1))
    return "it failed: " + context.get_as<std::string>(1);
  return to_string(reason);
}

} // namespace waybill
