#pragma once

#include "actors/entity/entity_support.hpp"
#include "domain/json/codec.hpp"
#include "messages/actors.hpp"

#include <cstdint>
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

/// Marks appends that are sent together. The later ones build on versions that are not durable yet.
inline void mark_as_group(std::vector<append>& requests) {
  const bool alone = requests.size() == 1;
  requests.front().version_was_seen = alone;
  if (const auto group = alone ? 0 : new_append_group(); group != 0)
    for (auto& request : requests)
      request.group = group;
}

/// Marks appends that others go on from before they are durable. The versions that they build on are durable, or placed
/// before them.
inline void mark_as_built_on(std::vector<append>& requests) {
  for (auto& request : requests)
    request.version_was_seen = request.is_built_on = true;
}

/// The append that stores how an entity waits; see entity_wait.
inline append append_of_wait(const std::string& id, std::uint64_t version, entity_snapshot snapshot, timestamp at) {
  append request;
  request.at = at;
  request.rows.emplace_back(entity_wait{id, version, std::move(snapshot)});
  return request;
}

} // namespace waybill
