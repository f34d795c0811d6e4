#pragma once

#include "actors/entity/region.hpp"

#include <caf/actor_system.hpp>

#include <type_traits>
#include <utility>

namespace waybill {

/// The actor of a region: it routes every signature of the entities' handle, and obeys region_control_actor.
template <class Kind>
class region_state {
public:
  using handle = region_actor_of<Kind>;

  static inline const char* name = Kind::region_name;

  region_state(typename handle::pointer self, entity_services services, region_settings settings,
               typename region<Kind>::factory make)
    : region_(self, std::move(services), settings, std::move(make)) {}

  typename handle::behavior_type make_behavior() {
    return make_behavior(static_cast<typename Kind::actor::signatures*>(nullptr));
  }

private:
  template <template <class...> class List, class... Signatures>
  typename handle::behavior_type make_behavior(List<Signatures...>*) {
    return {
      handler_of(static_cast<Signatures*>(nullptr))...,
      [this](const region_handles& regions) { region_.connect(regions); },
      [this](const placement& next) { region_.place(next); },
      [this](const entity_idle& message) { region_.passivate(message); },
      [this](const wake_in_line& room) { return region_.wake_in_line(room); },
      [this](const finish_hand_over&) { return region_.finish_hand_over(); },
      [this](const list_actors& query) { return region_.list(query); },
      [this](const list_retrying& query) { return region_.list_retrying_entities(query); },
      [this](const kill_entity& victim) { return region_.kill(victim); },
    };
  }

  /// The handler of one signature of the entities' handle.
  template <class Result, class Message>
  auto handler_of(Result (*)(Message)) {
    if constexpr (std::is_same_v<Message, wake_up>)
      return [this](wake_up&) { region_.tick(); };
    else if constexpr (std::is_same_v<Message, retire_entity>)
      return [this](retire_entity& message) { region_.resume_at_owner(message); };
    else
      return [this](Message& command) { return region_.route(command); };
  }

  region<Kind> region_;
};

/// Spawns the region of a kind, which makes an Entity with `arguments` for each id. It needs `region_handles`, then a
/// `placement`, before it serves. It owns the entities of its shards, or none if the node does not have the role: then
/// it only forwards. Ends with send_exit.
template <class Entity, class... Arguments>
region_actor_of<typename Entity::kind_type> spawn_region(caf::actor_system& sys, const entity_services& services,
                                                         const region_settings& settings, Arguments... arguments) {
  using kind = typename Entity::kind_type;
  auto make = [&sys, arguments...](entity_start start) -> typename kind::actor {
    return sys.spawn<typename kind::actor::template stateful_impl<Entity>>(std::move(start), arguments...);
  };
  return sys.spawn<typename region_actor_of<kind>::template stateful_impl<region_state<kind>>>(services, settings,
                                                                                               std::move(make));
}

} // namespace waybill
