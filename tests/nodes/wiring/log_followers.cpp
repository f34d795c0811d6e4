#include "nodes/wiring/log_followers.hpp"

#include "domain/json/codec.hpp"
#include "domain/sink/sink.hpp"
#include "tests/support/memory_store.hpp"

#include <algorithm>

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

log_position place_of_webhooks(memory_database& where) {
  const auto all = durable_log_followers({});
  const auto found = std::ranges::find(all, "the webhook endpoints", &log_follower::name);
  CAF_REQUIRE(found != all.end());
  const auto store = where.open_query();
  return found->find_position(*store).value().value();
}

log_position place_of_sinks(memory_database& where) {
  const auto all = durable_log_followers({});
  const auto found = std::ranges::find(all, "the sinks", &log_follower::name);
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

} // namespace

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
  CHECK(place_of_sinks(where) > (log_position{0, 1'000'000}));
  keep_sink(where, "snk_1", {0, 30}, sink::status::enabled);
  keep_sink(where, "snk_2", {0, 20}, sink::status::enabled);
  keep_sink(where, "snk_3", {0, 10}, sink::status::disabled);
  CHECK(place_of_sinks(where) == (log_position{0, 20}));
}
