#pragma once

#include "domain/invariants.hpp"
#include "domain/json/codec.hpp"
#include "persistence/audit/check_context.hpp"
#include "persistence/rows/append_row.hpp"

#include <optional>
#include <string>
#include <type_traits>
#include <vector>

/// Replaying a stream with the domain's functions. `Current` is the state of an entity, or a payment_history.
namespace waybill::replay {

template <class State>
State& state_of(State& current) {
  return current;
}

inline payment::state& state_of(invariants::payment_history& current) {
  return current.state;
}

template <class Current>
using state_type = std::remove_reference_t<decltype(state_of(std::declval<Current&>()))>;

/// The stored state as JSON holds it; complains and returns nothing when it cannot be read (I5).
template <class State>
std::optional<State> decode_stored(check_context& context, const std::string& id, const audited_entity& stored) {
  auto state = decode<State>(stored.state);
  if (state)
    return std::move(*state);
  context.complain("I5", id, "its stored state cannot be read: " + state.error().detail);
  return std::nullopt;
}

/// The same for an event.
template <class Event>
std::optional<Event> decode_stored(check_context& context, const std::string& id, const stored_event& stored) {
  auto event = decode_event<Event>(stored.type, stored.schema, stored.data);
  if (event)
    return std::move(*event);
  context.complain("I5", id, "version " + std::to_string(stored.version) + " cannot be read: " + event.error().detail);
  return std::nullopt;
}

/// Applies `events` to `current`, checks each, and compares with the stored state where the two have one version (I4,
/// I5). `stored` may be null. False when the stream cannot be followed to its end.
template <class Event, class Current>
bool apply_events(check_context& context, const std::string& id, const std::vector<stored_event>& events,
                  const audited_entity* stored, Current& current) {
  context.report.rows += events.size();
  context.report.events += events.size();
  for (const auto& item : events) {
    auto& state = state_of(current);
    if (item.version != state.version + 1) {
      context.complain_of_gap(id, item.version, state.version + 1);
      return false;
    }
    const auto event = decode_stored<Event>(context, id, item);
    if (!event)
      return false;
    invariants::follow(current, *event, item.at, context.report.found);
    if (stored == nullptr || stored->version != state.version)
      continue;
    if (const auto kept = decode_stored<state_type<Current>>(context, id, *stored))
      invariants::compare_with_stored(id, state, *kept, context.report.found);
  }
  return true;
}

/// What is left of a cut stream must be without a gap (I4). It leads on from the stored state, which is not checked.
template <class Event, class Current>
void continue_from_stored(check_context& context, const std::string& id, const std::vector<stored_event>& events,
                          const audited_entity& stored, Current& current) {
  auto& state = state_of(current);
  auto kept = decode_stored<state_type<Current>>(context, id, stored);
  if (!kept)
    return;
  state = std::move(*kept);
  context.report.rows += events.size();
  auto due = events.empty() ? 0 : events.front().version;
  for (const auto& item : events) {
    if (item.version != due) {
      context.complain_of_gap(id, item.version, due);
      return;
    }
    ++due;
    if (item.version <= state.version)
      continue;
    const auto event = decode_stored<Event>(context, id, item);
    if (!event)
      return;
    apply(state, *event, item.at);
    ++context.report.events;
  }
}

/// Reads and replays a whole stream, which must be short. Returns what is stored, which is read first: then it cannot
/// be newer than the events.
template <class Event, class Current>
std::optional<audited_entity> read_all(check_context& context, const std::string& id, Current& current) {
  auto stored = find_audited(context.store, id);
  context.report.rows += stored ? 1 : 0;
  const auto events = read_stream(context.store, id, 0);
  if (context.is_cut(id, events.empty() ? 0 : events.front().version, get_if_stored(stored))) {
    if (stored)
      continue_from_stored<Event>(context, id, events, *stored, current);
    return stored;
  }
  if (!apply_events<Event>(context, id, events, get_if_stored(stored), current))
    return stored;
  const auto newest = state_of(current).version;
  context.check_stored_version(id, stored, newest);
  if (!stored && newest > 0)
    context.complain_of_missing_state(id);
  return stored;
}

} // namespace waybill::replay
