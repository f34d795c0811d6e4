#include "nodes/log_followers.hpp"

#include "actors/auditor.hpp"
#include "actors/notifier.hpp"

namespace waybill {

namespace {

/// One that keeps its place in the state of an entity.
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

} // namespace

std::vector<log_follower> durable_log_followers(const node_config& config) {
  std::vector<log_follower> all;
  all.push_back(by_entity("the notifier", entity_kind::notifier, notifier_stream, notifier_position));
  // Where it is switched off its place stays where it was, and what it has not looked at is not looked at.
  if (config.auditor.enabled)
    all.push_back(by_entity("the auditor", entity_kind::auditor, audit_stream, audit_position));
  return all;
}

} // namespace waybill
