#include "nodes/wiring/log_followers.hpp"

#include "domain/function/function.hpp"
#include "domain/function/trigger.hpp"
#include "domain/json/codec.hpp"
#include "domain/sink/sink.hpp"
#include "tests/support/memory_store.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#define CAF_SUITE nodes.log_followers
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

void keep(memory_database& where, const std::string& id, log_position needed, webhook::status status) {
  webhook::state state;
  state.id = webhook_id{id};
  state.status = status;
  state.version = 1;
  append entry;
  entry.kind = entity_kind::webhook;
  entry.stream = id;
  entry.events.push_back({"webhook.created", 1, "{}"});
  entry.snapshot = entity_snapshot{1, encode(state), true, {}};
  webhook_row row{id, status == webhook::status::enabled, "whsec_x", {}, {}, {}};
  row.progress.id = id;
  row.progress.cursor = {0, 1'000};
  row.progress.needed_after = needed;
  entry.rows.emplace_back(row);
  CAF_REQUIRE(where.open_journal()->commit({&entry, 1}).value().front().has_value());
}

log_position place_of(memory_database& where, std::string_view follower) {
  const auto all = durable_log_followers({});
  const auto found = std::ranges::find(all, follower, &log_follower::name);
  CAF_REQUIRE(found != all.end());
  const auto store = where.open_query();
  return found->find_position(*store).value().value();
}

void keep_sink(memory_database& where, const std::string& id, log_position cursor, sink::status status) {
  sink::state state;
  state.id = sink_id{id};
  state.status = status;
  state.version = 1;
  append entry;
  entry.kind = entity_kind::sink;
  entry.stream = id;
  entry.events.push_back({"sink.created", 1, "{}"});
  entry.snapshot = entity_snapshot{1, encode(state), true, {}};
  sink_row row{id, {}, {}};
  row.progress.id = id;
  row.progress.cursor = cursor;
  entry.rows.emplace_back(row);
  CAF_REQUIRE(where.open_journal()->commit({&entry, 1}).value().front().has_value());
}

log_position place_of_webhooks(memory_database& where) {
  return place_of(where, "the webhook endpoints");
}

/// A function that is called for events behind `after`, or for none.
void keep_function(memory_database& where, const std::string& name, log_position after, bool has_triggers) {
  function::state state;
  state.name = name;
  state.current = state.last = 1;
  state.versions.push_back({1, "return nil", "digest", {}, {}});
  if (has_triggers)
    state.versions[0].triggers = {"order.*"};
  state.triggers_after = to_string(after);
  state.version = 1;
  append entry;
  entry.kind = entity_kind::function;
  entry.stream = function::id_of(name).value;
  entry.events.push_back({"function.registered", 1, "{}"});
  entry.snapshot = entity_snapshot{1, encode(state), false, {}};
  CAF_REQUIRE(where.open_journal()->commit({&entry, 1}).value().front().has_value());
}

void keep_progress(memory_database& where, const std::string& name, log_position began, log_position position) {
  function::trigger_progress progress;
  progress.began_after = to_string(began);
  progress.sequence = position.sequence;
  append entry;
  entry.kind = entity_kind::trigger;
  entry.stream = function::trigger_stream(name);
  entry.events.push_back({"notification.sent", 1, "{}"});
  entry.snapshot = entity_snapshot{1, encode(progress), false, {}};
  CAF_REQUIRE(where.open_journal()->commit({&entry, 1}).value().front().has_value());
}

} // namespace

SCENARIO("the log is kept for every function that is called for events") {
  memory_database database;
  const auto place = [&] { return place_of(database, "functions with triggers"); };
  const log_position ahead{0, 1'000'000};
  CHECK(place() > ahead);
  keep_function(database, "idle", {0, 3}, false);
  CHECK(place() > ahead);
  keep_function(database, "new", {0, 700}, true);
  CHECK_EQ(place().sequence, 700u);
  keep_function(database, "old", {0, 5}, true);
  CHECK_EQ(place().sequence, 5u);
  keep_progress(database, "old", {0, 5}, {0, 600});
  CHECK_EQ(place().sequence, 600u);
  // What was kept of triggers that were taken away since says nothing.
  keep_function(database, "again", {0, 500}, true);
  keep_progress(database, "again", {0, 1}, {0, 90});
  CHECK_EQ(place().sequence, 500u);
}

SCENARIO("the log is kept for every enabled webhook endpoint") {
  memory_database database;
  const log_position ahead{0, 1'000'000};
  CHECK(place_of_webhooks(database) > ahead);
  keep(database, "whk_1", {0, 500}, webhook::status::enabled);
  CHECK_EQ(place_of_webhooks(database).sequence, 500u);
  keep(database, "whk_2", {0, 20}, webhook::status::disabled);
  CHECK_EQ(place_of_webhooks(database).sequence, 500u);
  // More of them than a page holds.
  for (int i = 100; i < 200; ++i)
    keep(database, "whk_" + std::to_string(i), {0, 700}, webhook::status::enabled);
  keep(database, "whk_9", {0, 40}, webhook::status::enabled);
  CHECK_EQ(place_of_webhooks(database).sequence, 40u);
}

SCENARIO("the log is kept for the sink that is furthest behind, but not for one that is disabled") {
  memory_database where;
  CHECK(place_of(where, "the sinks") > (log_position{0, 1'000'000}));
  keep_sink(where, "snk_1", {0, 30}, sink::status::enabled);
  keep_sink(where, "snk_2", {0, 20}, sink::status::enabled);
  keep_sink(where, "snk_3", {0, 10}, sink::status::disabled);
  CHECK(place_of(where, "the sinks") == (log_position{0, 20}));
}
