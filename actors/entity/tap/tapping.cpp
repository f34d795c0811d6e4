#include "actors/entity/tap/tapping.hpp"

#include "domain/base/enum_name.hpp"
#include "domain/base/errors.hpp"

#include <caf/local_actor.hpp>

#include <utility>

namespace waybill {

namespace {

constexpr std::size_t longest_detail = 200;

std::string_view cut(std::string_view text) {
  if (text.size() <= longest_detail)
    return text;
  // Not in the middle of a character.
  auto end = longest_detail;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    --end;
  return text.substr(0, end);
}

/// The name of an actor of this process; empty for what is none of ours.
std::string_view name_of_actor(const caf::strong_actor_ptr& sender) {
  constexpr std::string_view ours = "waybill.";
  const auto* const actor = dynamic_cast<const caf::local_actor*>(sender->get());
  const std::string_view name = actor != nullptr ? actor->name() : "";
  return name.starts_with(ours) ? name.substr(ours.size()) : std::string_view{};
}

/// An order is sent messages by its own payment and delivery, and they by their order.
std::string entity_of(std::string_view kind, const std::string& order) {
  const order_id id{order};
  if (kind == "order")
    return order;
  if (kind == "payment")
    return sibling_id<payment_id>(id).value;
  if (kind == "delivery")
    return sibling_id<delivery_id>(id).value;
  return {};
}

traced_message made_at(const entity_services& services, traced_kind kind, std::string_view name) {
  traced_message made;
  made.at = services.clock();
  made.kind = kind;
  made.name = name;
  return made;
}

} // namespace

tapped_sender sender_of(const caf::strong_actor_ptr& sender, const caf::node_id& here, const provenance* origin,
                        const std::string& order) {
  tapped_sender found;
  if (sender && sender->node() != here)
    found.process = to_string(sender->node());
  const auto actor = sender && found.process.empty() ? name_of_actor(sender) : std::string_view{};
  const bool is_region = actor.ends_with("_region");
  if (!actor.empty() && !is_region) {
    found.name = entity_of(actor, order);
    if (found.name.empty())
      found.name = actor == "gateway.bridge" ? "gateway" : actor == "simulated_courier" ? "courier" : actor;
    return found;
  }
  // A region has passed it on for somebody else.
  if (origin != nullptr && origin->by_kind == "system")
    found.name = entity_of(origin->by_id, order);
  if (found.name.empty() && is_region)
    found.name = "region";
  return found;
}

tapped_outcome as_outcome(const failure& reason) noexcept {
  return {to_string(reason.code), reason.detail};
}

void note_routed(const entity_services& services, entity_kind kind, const std::string& id, std::string_view besides,
                 std::string_view name, const caf::strong_actor_ptr& sender, const caf::node_id& here,
                 const provenance* origin) {
  services.tap->note(id, besides, [&](const std::string& order) {
    auto made = made_at(services, traced_kind::message, name);
    auto from = sender_of(sender, here, origin, order);
    made.from = std::move(from.name);
    made.from_process = std::move(from.process);
    made.to_kind = name_of(kind);
    made.to = id;
    return made;
  });
}

void note_own(const entity_services& services, entity_kind kind, const std::string& id, std::string_view name,
              std::string_view from) {
  services.tap->note(id, {}, [&](const std::string&) {
    auto made = made_at(services, traced_kind::message, name);
    made.from = from;
    made.to_kind = name_of(kind);
    made.to = id;
    return made;
  });
}

void note_call(const entity_services& services, const std::string& id, std::string_view name, std::string_view whom,
               std::string_view detail) {
  services.tap->note(id, {}, [&](const std::string&) {
    auto made = made_at(services, traced_kind::message, name);
    made.from = id;
    made.to_kind = made.to = whom;
    made.detail = cut(detail);
    return made;
  });
}

void note_answer(const entity_services& services, entity_kind kind, const std::string& id, std::string_view name,
                 std::string_view from, const tapped_outcome& outcome) {
  services.tap->note(id, {}, [&](const std::string&) {
    auto made = made_at(services, traced_kind::answer, name);
    made.from = from;
    made.to_kind = name_of(kind);
    made.to = id;
    made.outcome = outcome.word;
    made.detail = cut(outcome.detail);
    return made;
  });
}

void note_retry(const entity_services& services, entity_kind kind, const std::string& id, std::string_view step,
                std::string_view reason) {
  services.tap->note(id, {}, [&](const std::string&) {
    auto made = made_at(services, traced_kind::retry, step);
    made.from = made.to = id;
    made.to_kind = name_of(kind);
    made.outcome = reason;
    return made;
  });
}

} // namespace waybill
