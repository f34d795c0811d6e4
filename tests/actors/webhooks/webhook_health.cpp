#define CAF_SUITE actors.webhook_health
#include "tests/actors/webhooks/webhook_node.hpp"

#include <set>
#include <string>

using namespace waybill;
using namespace waybill::test;

namespace {

webhook_answer answer_with(std::uint32_t status) {
  return {status, {}, {}, {}};
}

/// The endpoint's values in /metrics.
const caf::telemetry::int_gauge& failing_of(webhook_node& node, const webhook_id& id) {
  return *node.sys.metrics()
            .gauge_family("waybill.webhook", "failing", {"endpoint"},
                          "1 while nothing gets through, or when the endpoint was disabled for it.", "1")
            ->get_or_add({{"endpoint", id.value}});
}

/// Collects the endpoints that /metrics names.
struct endpoints_in_metrics {
  template <class Metric>
  void operator()(const caf::telemetry::metric_family*, const caf::telemetry::metric* sample, const Metric*) {
    for (const auto& label : sample->labels())
      if (label.name() == "endpoint")
        ids.emplace(label.value().data(), label.value().size());
  }
  std::set<std::string> ids;
};

change_webhook enable(const webhook_id& id) {
  change_webhook change;
  change.id = id;
  change.enabled = true;
  return change;
}

} // namespace

SCENARIO("E6: waybill_webhook_failing is 1 while every message to an endpoint fails, over a restart, then 0 again") {
  webhook_node node;
  const auto id = node.make_endpoint();
  const auto& failing = failing_of(node, id);
  CHECK_EQ(failing.value(), 0);
  node.receive = [](const post_webhook&) { return answer_with(500); };
  node.log_event();
  node.run_to("the word", [&] { return failing.value() == 1; });
  CHECK(node.view_of(id).state.failing_since.has_value());
  CHECK_GE(node.posts.size(), 3u);
  node.close();
  // Another node may have it now.
  CHECK_EQ(failing.value(), 0);
  node.open();
  node.run_to("the word after the restart", [&] { return failing.value() == 1; });
  node.receive = [](const post_webhook&) { return answer_with(200); };
  node.run_to("a success", [&] { return failing.value() == 0; });
  CHECK(!node.view_of(id).state.failing_since);
}

SCENARIO("E6: waybill_webhook_failing stays 1 for an endpoint that was disabled for failing, until it is enabled") {
  webhook_settings settings;
  settings.region.idle_timeout = milliseconds{1'000};
  webhook_node node{settings};
  const auto id = node.make_endpoint();
  const auto& failing = failing_of(node, id);
  node.receive = [](const post_webhook&) { return answer_with(410); };
  node.log_event();
  node.run_to("the end", [&] { return node.view_of(id).state.status == webhook::status::disabled; });
  CHECK_EQ(failing.value(), 1);
  // Idle for long.
  node.pass(std::chrono::minutes{5});
  CHECK_EQ(failing.value(), 1);
  node.restart();
  node.pass(std::chrono::minutes{1});
  CHECK_EQ(failing.value(), 1);
  node.receive = [](const post_webhook&) { return answer_with(200); };
  REQUIRE(node.ask<webhook_view>(enable(id)).has_value());
  node.run_to("the missed event", [&] { return node.posts.size() == 2; });
  CHECK_EQ(failing.value(), 0);
}

SCENARIO("an endpoint to which nothing is delivered is reported once as failing, and once as recovered") {
  webhook_node node;
  const auto id = node.make_endpoint();
  node.receive = [](const post_webhook&) { return answer_with(500); };
  node.log_event();
  node.log_event();
  node.run_to("three attempts", [&] { return node.view_of(id).state.failing_since.has_value(); });
  CHECK_GE(node.posts.size(), 3u);
  CHECK(node.view_of(id).state.status == webhook::status::enabled);
  node.restart();
  CHECK(node.view_of(id).state.failing_since.has_value());
  node.receive = [](const post_webhook&) { return answer_with(200); };
  node.run_to("a success", [&] { return !node.view_of(id).state.failing_since; });
  std::string told;
  for (const auto& event : node.database.log())
    if (event.type == "webhook.failing" || event.type == "webhook.recovered")
      told += event.type + ' ';
  CHECK_EQ(told, "webhook.failing webhook.recovered ");
}

SCENARIO("a test message is sent at once, once, also to an endpoint that is disabled, and leaves no trace") {
  webhook_node node;
  const auto id = node.make_endpoint();
  change_webhook disable;
  disable.id = id;
  disable.enabled = false;
  REQUIRE(node.ask<webhook_view>(disable).has_value());
  const auto before = node.database.log().size();
  node.receive = [](const post_webhook&) { return answer_with(503); };
  const auto answer = node.ask<webhook_answer>(test_webhook{id});
  REQUIRE(answer.has_value());
  CHECK_EQ(answer->status, 503u);
  REQUIRE_EQ(node.posts.size(), 1u);
  CHECK(node.posts.front().body.starts_with(R"({"type":"webhook.test",)"));
  CHECK(!node.posts.front().signatures.empty());
  CHECK(node.posts.front().timeout.count() > 0);
  CHECK_EQ(node.database.log().size(), before);
  CHECK(node.deliveries_of(id).empty());
  CHECK_EQ(node.ask<webhook_answer>(test_webhook{make_id<webhook_id>()}).error().code, ec::not_found);
}

SCENARIO("ids of unknown endpoints leave nothing in the metrics") {
  webhook_settings settings;
  settings.region.idle_timeout = milliseconds{1'000};
  webhook_node node{settings};
  const auto known = node.make_endpoint();
  node.pass(std::chrono::seconds{1});
  for (int i = 0; i < 20; ++i)
    CHECK(node.ask<webhook_view>(get_webhook{make_id<webhook_id>()}).error().code == ec::not_found);
  node.pass(std::chrono::seconds{10});
  node.close();
  endpoints_in_metrics seen;
  node.sys.metrics().collect(seen);
  CHECK_EQ(seen.ids, std::set<std::string>{known.value});
}
