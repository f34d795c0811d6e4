#include "actors/entity/tap/message_tracer.hpp"

#include "messages/failures.hpp"

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <utility>

namespace waybill {

namespace {

struct message_tracer_state {
  static inline const char* name = "waybill.message_tracer";

  message_tracer_state(message_tracer_actor::pointer ptr, std::string node, std::shared_ptr<message_tap> noted)
    : self(ptr), node_name(std::move(node)), process(to_string(self->node())), tap(std::move(noted)) {}

  message_tracer_actor::behavior_type make_behavior() {
    return {[this](const trace_messages& query) { return tell(query); },
            [this](caf::tick_atom) {
              looks = false;
              look_later();
            }};
  }

  caf::result<message_trace> tell(const trace_messages& query) {
    auto noted = tap->fetch(query, node_name, now(), self->clock().now());
    if (noted.has_error())
      return to_error(noted.error());
    look_later();
    noted->process = process;
    message_trace trace;
    trace.nodes.push_back(std::move(*noted));
    return trace;
  }

  /// Nothing is sent while there is no trace.
  void look_later() {
    constexpr milliseconds interval{1'000};
    if (looks || !tap->expire(self->clock().now()))
      return;
    looks = true;
    self->delayed_send(self, interval, caf::tick_atom_v);
  }

  message_tracer_actor::pointer self;
  std::string node_name;
  std::string process;
  std::shared_ptr<message_tap> tap;
  bool looks = false;
};

} // namespace

message_tracer_actor spawn_message_tracer(caf::actor_system& sys, std::string node, std::shared_ptr<message_tap> tap) {
  return sys.spawn<message_tracer_actor::stateful_impl<message_tracer_state>>(std::move(node), std::move(tap));
}

} // namespace waybill
