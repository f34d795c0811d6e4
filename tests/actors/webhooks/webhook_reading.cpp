#define CAF_SUITE actors.webhook_reading
#include "tests/actors/webhooks/webhook_node.hpp"

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

/// A node whose log is long, and whose pages of it wait.
struct reading_node : webhook_node {
  reading_node() : webhook_node({}, std::make_shared<scripted_log>()), script(pages()) {}

  void log_events(int count) {
    for (int i = 0; i < count; ++i)
      log_event();
  }

  void set_enabled(const webhook_id& id, bool enabled) {
    CAF_REQUIRE(ask<webhook_view>(change_webhook{id, {}, {}, {}, enabled, 0, {}}).has_value());
  }

  std::shared_ptr<scripted_log> script;
};

} // namespace

SCENARIO("an endpoint that is made after a quiet time gets new events at once") {
  reading_node node;
  const auto first = node.make_endpoint();
  node.log_event();
  node.run_to("the first", [&] { return node.posts.size() == 1; });
  node.set_enabled(first, false);
  node.pass(1min);
  node.log_events(500);
  node.make_endpoint();
  node.script->asked.clear();
  node.log_event();
  node.run_to("what is new", [&] { return node.posts.size() == 2; });
  CHECK(node.script->asked.size() <= 6);
  // The other endpoint continues at its position, and misses no event.
  node.set_enabled(first, true);
  node.run_to("all", [&] { return node.posts.size() == 2 + 501; });
}

SCENARIO("G9: reading for an endpoint ends when it is disabled, and its replay when it is deleted") {
  reading_node node;
  const auto id = node.make_endpoint({"user.*"});
  node.pass(1s);
  node.set_enabled(id, false);
  node.pass(1min);
  node.log_events(500);
  node.script->holds = true;
  node.set_enabled(id, true);
  const auto is_search = [](const auto& held) { return !held.first.filter.types.empty(); };
  const auto await_search = [&] {
    node.run_to("a search in the log", [&] {
      while (!node.script->held.empty() && !is_search(node.script->held.front()))
        node.script->answer_next();
      return !node.script->held.empty();
    });
  };
  await_search();
  node.set_enabled(id, false);
  const auto before = node.script->asked.size();
  node.script->answer_next();
  node.pass(30s);
  CHECK_EQ(node.script->asked.size(), before);
  // The same for a replay.
  node.script->holds = false;
  node.set_enabled(id, true);
  node.pass(30s);
  node.script->holds = true;
  CAF_REQUIRE(node.ask<webhook_view>(replay_webhook{id, {}, {}, {"a.b"}, {}}).has_value());
  await_search();
  CHECK(node.remove(id) == ec::none);
  const auto searches = node.script->asked.size();
  while (!node.script->held.empty())
    node.script->answer_next();
  node.pass(30s);
  CHECK_EQ(node.script->asked.size(), searches);
}

SCENARIO("an endpoint does nothing while it waits for its delivery log") {
  webhook_node node;
  bool is_slow = false;
  int asked = 0;
  node.on_query = [&](const caf::message& query) {
    const bool is_held = is_slow && query.match_elements<list_webhook_deliveries>();
    asked += is_held ? 1 : 0;
    return fate{.delay = is_held ? caf::timespan{5min} : caf::timespan{0}};
  };
  node.restart();
  const auto swept = node.make_endpoint();
  node.pass(1min);
  const auto calm = node.pass(1min);
  is_slow = true;
  node.pass(webhook_settings{}.sweep);
  CAF_REQUIRE_EQUAL(asked, 1);
  CHECK(node.pass(1min) < calm + calm / 10);
  // The same while the log of a deleted one is removed.
  is_slow = false;
  node.pass(10min);
  is_slow = true;
  CHECK(node.remove(swept) == ec::none);
  node.pass(1s);
  CAF_REQUIRE_EQUAL(asked, 2);
  CHECK(node.pass(1min) < calm + calm / 10);
}
