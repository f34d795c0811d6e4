#include "nodes/wiring/log_followers.hpp"

#include "actors/audit/auditor.hpp"
#include "actors/feed/notifier.hpp"
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

/// The lowest position of all enabled endpoints; beyond all events when there is none.
result<std::optional<log_position>> lowest_of_webhooks(query_store& store) {
  constexpr auto furthest = std::numeric_limits<std::int64_t>::max();
  log_position lowest{furthest, furthest};
  for (list_webhooks query;;) {
    const auto page = store.run(query);
    if (!page)
      return page.error();
    for (const auto& endpoint : page->webhooks) {
      const auto state = decode<webhook::state>(endpoint.state);
      if (!state)
        return state.error();
      if (state->status == webhook::status::enabled)
        lowest = std::min(lowest, endpoint.progress.needed_after.bare());
    }
    if (!page->more)
      return std::optional{lowest};
    query.cursor_id = page->webhooks.back().progress.id;
  }
}

/// The lowest position of all enabled sinks; beyond all events when there is none.
result<std::optional<log_position>> lowest_of_sinks(query_store& store) {
  constexpr auto furthest = std::numeric_limits<std::int64_t>::max();
  log_position lowest{furthest, furthest};
  for (list_sinks query;;) {
    const auto page = store.run(query);
    if (!page)
      return page.error();
    for (const auto& stored : page->sinks) {
      const auto state = decode<sink::state>(stored.state);
      if (!state)
        return state.error();
      if (state->status == sink::status::enabled)
        lowest = std::min(lowest, stored.progress.cursor.bare());
    }
    if (!page->more)
      return std::optional{lowest};
    query.cursor_id = page->sinks.back().progress.id;
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
  all.push_back({"the sinks", lowest_of_sinks});
  return all;
}

} // namespace waybill
