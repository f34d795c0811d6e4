#pragma once

#include <caf/all.hpp>

#include <functional>
#include <vector>

namespace waybill::test {

/// The treatment of one message on its way.
struct fate {
  bool delivered = true;
  /// How often the message arrives in all.
  int copies = 1;
  /// The answer never arrives.
  bool mute = false;
  caf::timespan delay{0};
};

/// An actor between two others: passes messages on, as the network might. The answer goes straight back.
inline caf::actor spawn_detour(caf::actor_system& sys, caf::strong_actor_ptr target,
                               std::function<fate(const caf::message&)> choose) {
  return sys.spawn([=](caf::event_based_actor* self) -> caf::behavior {
    self->set_default_handler([=](caf::scheduled_actor*, caf::message& message) -> caf::skippable_result {
      const auto chosen = choose(message);
      const auto sender = chosen.mute ? caf::strong_actor_ptr{} : self->current_sender();
      const auto id = self->current_message_id();
      auto hand_on = [=] {
        for (int i = 0; i < chosen.copies; ++i)
          target->enqueue(sender, id, message, nullptr);
      };
      if (chosen.delivered && chosen.delay.count() == 0)
        hand_on();
      else if (chosen.delivered)
        self->run_delayed(chosen.delay, hand_on);
      return caf::delegated<caf::message>{};
    });
    return {[](caf::tick_atom) {}};
  });
}

} // namespace waybill::test
