#pragma once

#include "domain/json/codec.hpp"
#include "messages/actors.hpp"

#include <string>
#include <utility>
#include <vector>

/// How the state of an entity comes from what is stored, and how its events get there.
namespace waybill {

/// The stored state, and the events behind it applied. Fails with ec::unreadable.
template <class Kind>
result<typename Kind::state> rebuild_state(const stored_entity& stored) {
  typename Kind::state state;
  if (!stored.state.empty()) {
    auto decoded = decode<typename Kind::state>(stored.state);
    if (!decoded)
      return decoded.error();
    state = std::move(*decoded);
  }
  for (const auto& item : stored.later) {
    auto event = decode_event<typename Kind::event>(item.type, item.schema, item.data);
    if (!event)
      return event.error();
    apply(state, *event, item.at);
  }
  return state;
}

/// Applies `events` to `state` and returns the append that makes them durable, without rows and snapshot.
template <class Kind>
append apply_as_append(const std::string& id, typename Kind::state& state,
                       const std::vector<typename Kind::event>& events, const provenance& origin, timestamp at) {
  append request;
  request.kind = Kind::kind;
  request.stream = id;
  request.expected_version = state.version;
  request.at = at;
  request.origin = origin;
  request.events.reserve(events.size());
  for (const auto& event : events) {
    apply(state, event, at);
    auto encoded = encode_event(event);
    request.events.push_back({std::string{encoded.type}, encoded.schema, std::move(encoded.data)});
  }
  return request;
}

} // namespace waybill
