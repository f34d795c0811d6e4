#include "nodes/wiring/log_followers.hpp"

#include "actors/audit/auditor.hpp"
#include "actors/feed/notifier.hpp"
#include "domain/function/trigger.hpp"
#include "domain/json/codec.hpp"
#include "domain/sink/sink.hpp"

#include <algorithm>
#include <limits>

namespace waybill {

namespace {

/// A follower that keeps its position in the state of an entity.
log_follower by_entity(std::string name, entity_kind kind, std::string stream,
                       result<log_position> (*position_of)(const stored_entity&)) {
  return {std::move(name),
          [kind, stream = std::move(stream), position_of](query_store& store) -> result<std::optional<log_position>> {
            const auto kept = store.run(load_entity{kind, stream});
            if (!kept)
              return kept.error();
            if (kept->state.empty())
              return std::optional<log_position>{};
            const auto position = position_of(*kept);
            if (!position)
              return position.error();
            return std::optional{*position};
          }};
}

/// The lowest position of all webhook endpoints, or sinks, that are enabled; beyond all events when there is none.
/// `members` are what a page of `query` holds, `position` behind what events one of them needs.
template <class State, class Query, class Members, class Position>
result<std::optional<log_position>> lowest_of(query_store& store, Query query, Members members, Position position) {
  constexpr auto furthest = std::numeric_limits<std::int64_t>::max();
  log_position lowest{furthest, furthest};
  for (;;) {
    const auto page = store.run(query);
    if (!page)
      return page.error();
    for (const auto& stored : (*page).*members) {
      const auto state = decode<State>(stored.state);
      if (!state)
        return state.error();
      if (state->status == follower::status::enabled)
        lowest = std::min(lowest, (stored.progress.*position).bare());
    }
    if (!page->more)
      return std::optional{lowest};
    query.cursor_id = ((*page).*members).back().progress.id;
  }
}

result<std::optional<log_position>> lowest_of_webhooks(query_store& store) {
  return lowest_of<webhook::state>(store, list_webhooks{}, &webhook_page::webhooks, &webhook_progress::needed_after);
}

result<std::optional<log_position>> lowest_of_sinks(query_store& store) {
  return lowest_of<sink::state>(store, list_sinks{}, &sink_page::sinks, &sink_progress::cursor);
}

/// Where the triggers of a function go on to read.
result<log_position> position_of(query_store& store, const function::summary& function) {
  const auto kept = store.run(load_entity{entity_kind::trigger, function::trigger_stream(function.name)});
  if (!kept)
    return kept.error();
  const auto start = parse_log_position(function.triggers_after).value_or(log_position{}).bare();
  if (kept->state.empty())
    return start;
  const auto progress = decode<function::trigger_progress>(kept->state);
  if (!progress)
    return progress.error();
  return progress->began_after == function.triggers_after ? log_position{progress->transaction, progress->sequence}
                                                          : start;
}

/// The lowest position of all functions with triggers; beyond all events when there is none.
result<std::optional<log_position>> lowest_of_triggers(query_store& store) {
  constexpr auto furthest = std::numeric_limits<std::int64_t>::max();
  log_position lowest{furthest, furthest};
  for (list_functions query{{}, 100};;) {
    const auto page = store.run(query);
    if (!page)
      return page.error();
    for (const auto& each : page->functions) {
      if (each.triggers.empty())
        continue;
      const auto position = position_of(store, each);
      if (!position)
        return position.error();
      lowest = std::min(lowest, *position);
    }
    if (!page->more)
      return std::optional{lowest};
    query.after = page->functions.back().name;
  }
}

} // namespace

std::vector<log_follower> durable_log_followers(const node_config& config) {
  std::vector<log_follower> all;
  all.push_back(by_entity("the notifier", entity_kind::notifier, notifier_stream, notifier_position));
  // An auditor that is switched off does not move, and would keep all events.
  if (config.auditor.enabled)
    all.push_back(by_entity("the auditor", entity_kind::auditor, audit_stream, audit_position));
  // A disabled endpoint keeps no events: it may never be enabled again.
  all.push_back({"the webhook endpoints", lowest_of_webhooks});
  all.push_back({"functions with triggers", lowest_of_triggers});
  all.push_back({"the sinks", lowest_of_sinks});
  return all;
}

} // namespace waybill
