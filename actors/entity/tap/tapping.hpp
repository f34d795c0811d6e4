#pragma once

#include "actors/entity/routing/addressing.hpp"
#include "actors/entity/services.hpp"
#include "domain/base/result.hpp"
#include "domain/order/revision.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/node_id.hpp>
#include <caf/type_id.hpp>

#include <string>
#include <string_view>
#include <type_traits>

/// What regions and entities note in the message_tap of their node. Each of these costs one load while nobody traces
/// anything.
namespace waybill {

/// As in `reserve_stock`.
template <class Message>
constexpr std::string_view message_name() {
  constexpr auto registered = caf::type_name_v<Message>;
  constexpr std::string_view whole{registered.data(), registered.size()};
  return whole.substr(whole.rfind(':') + 1);
}

/// The order, or the delivery of one, that a message names besides the entity that it is for; empty: none.
template <class Message>
std::string_view named_besides(const Message& x) {
  // Other lines of an order reserve stock under numbers of their own.
  if constexpr (requires { std::string_view{x.order.value}; })
    return order::without_number(x.order.value);
  else if constexpr (requires { std::string_view{x.assign.delivery.value}; })
    return x.assign.delivery.value;
  else if constexpr (requires { std::string_view{x.release.delivery.value}; })
    return x.release.delivery.value;
  else
    return {};
}

/// Who has sent a message, as far as the region that has it can know.
struct tapped_sender {
  /// As traced_message::from and from_process.
  std::string name;
  std::string process;
};

/// `sender`: null for nobody; `here`: the process of the region; `origin`: what the message says of its cause, or null.
tapped_sender sender_of(const caf::strong_actor_ptr& sender, const caf::node_id& here, const provenance* origin,
                        const std::string& order);

/// What came of a message.
struct tapped_outcome {
  std::string_view word = "ok";
  /// At most its first 200 octets are kept.
  std::string_view detail = {};
};

tapped_outcome as_outcome(const failure& reason) noexcept;

/// The parts of the functions below that need no types.
void note_routed(const entity_services& services, entity_kind kind, const std::string& id, std::string_view besides,
                 std::string_view name, const caf::strong_actor_ptr& sender, const caf::node_id& here,
                 const provenance* origin);
void note_own(const entity_services& services, entity_kind kind, const std::string& id, std::string_view name,
              std::string_view from);
void note_call(const entity_services& services, const std::string& id, std::string_view name, std::string_view whom,
               std::string_view detail);
void note_answer(const entity_services& services, entity_kind kind, const std::string& id, std::string_view name,
                 std::string_view from, const tapped_outcome& outcome);
void note_retry(const entity_services& services, entity_kind kind, const std::string& id, std::string_view step,
                std::string_view reason);

/// The region `self` hands `command`, which is the message at hand, to its entity.
template <class SelfPointer, class Command>
void tap_routed(const entity_services& services, entity_kind kind, SelfPointer self, const Command& command) {
  if (!services.tap->is_on())
    return;
  const provenance* origin = nullptr;
  if constexpr (requires { command.origin; })
    origin = &command.origin;
  note_routed(services, kind, key_of(command), named_besides(command), message_name<Command>(), self->current_sender(),
              self->node(), origin);
}

/// The region sends a message of its own to its entity `id`.
template <class Message>
void tap_own(const entity_services& services, entity_kind kind, const std::string& id) {
  if (services.tap->is_on())
    note_own(services, kind, id, message_name<Message>(), std::is_same_v<Message, wake_up> ? "timer" : "region");
}

/// The entity `id` asks somebody who is no entity.
template <class Message>
void tap_call(const entity_services& services, const std::string& id, std::string_view whom,
              std::string_view detail = {}) {
  if (services.tap->is_on())
    note_call(services, id, message_name<Message>(), whom, detail);
}

/// The order `id` takes a step of its saga again.
inline void tap_retry(const entity_services& services, entity_kind kind, const std::string& id, std::string_view step,
                      std::string_view reason) {
  if (services.tap->is_on())
    note_retry(services, kind, id, step, reason);
}

/// The entity `id` has the answer of `from` to its Message.
template <class Message>
void tap_answer(const entity_services& services, entity_kind kind, const std::string& id, std::string_view from,
                const tapped_outcome& outcome = {}) {
  if (services.tap->is_on())
    note_answer(services, kind, id, message_name<Message>(), from, outcome);
}

} // namespace waybill
