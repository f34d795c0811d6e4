#define CAF_SUITE actors.sink

#include "actors/sinks/cloud_event.hpp"
#include "domain/json/codec.hpp"
#include "tests/actors/sinks/sink_node.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <random>

using namespace waybill;
using namespace waybill::test;

namespace {

constexpr std::size_t many = 25;

failure away() {
  return {ec::unavailable, "no connection to rabbit:5672: Connection refused"};
}

/// The ids of the events of orders, in the order of the log.
std::vector<std::string> expected(const memory_database& database) {
  std::vector<std::string> ids;
  for (const auto& event : database.log())
    if (event.type.starts_with("order."))
      ids.push_back(event_id(event));
  return ids;
}

/// What a consumer keeps that knows ids: the first copy of each event.
std::vector<std::string> first_copies(const std::vector<std::string>& published) {
  std::vector<std::string> kept;
  for (const auto& id : published)
    if (std::ranges::find(kept, id) == kept.end())
      kept.push_back(id);
  return kept;
}

/// Every event up to the stored cursor that the sink wants was confirmed by the broker.
void check_cursor(const sink_node& node, const sink_id& id) {
  const auto row = node.row_of(id);
  CAF_REQUIRE(row.has_value());
  for (const auto& event : node.database.log())
    if (event.type.starts_with("order.") && event.position <= row->progress.cursor)
      CAF_CHECK(node.confirmed.contains(event_id(event)));
}

} // namespace

SCENARIO("each event that a sink wants is published once, in order, and the cursor follows what is confirmed") {
  sink_node node{{.batch = 4}};
  const auto id = node.make_sink();
  for (std::size_t i = 0; i < many; ++i)
    node.log_event(i % 5 == 0 ? "stock.low" : "order.placed");
  const auto end = log_position{0, node.database.log().size()};
  node.run_to("all events", [&] { return node.confirmed.size() == many - 5; });
  CHECK_EQ(node.published, expected(node.database));
  CHECK(std::ranges::all_of(node.batches, [](const auto& each) { return each->events.size() <= 4; }));
  node.run_to("the cursor", [&] { return node.row_of(id)->progress.cursor >= log_position{0, end.sequence - 1}; });
  check_cursor(node, id);
  CHECK(node.view_of(id).progress.last_success_at.has_value());
}

SCENARIO("G4: a broker that was away gets every event, the first copies in order; failing is told once") {
  sink_node node{{.batch = 3}};
  const auto id = node.make_sink();
  node.receive = [](const sink_batch&) { return away(); };
  for (std::size_t i = 0; i < many; ++i)
    node.log_event();
  node.run_to("a sink that fails", [&] { return node.events_of_type("sink.failing") == 1; });
  CHECK(node.view_of(id).state.failing_since.has_value());
  CHECK_EQ(node.view_of(id).progress.last_error, away().detail);
  CHECK(node.confirmed.empty());
  node.pass(std::chrono::minutes{5});
  CHECK_EQ(node.events_of_type("sink.failing"), 1u);
  // Nothing but the first batch was tried.
  CHECK_EQ(first_copies(node.published).size(), 3u);
  check_cursor(node, id);
  node.receive = [](const sink_batch&) { return std::nullopt; };
  node.run_to("all events", [&] { return node.confirmed.size() == many; });
  CHECK_EQ(first_copies(node.published), expected(node.database));
  node.run_to("the end of it", [&] { return node.events_of_type("sink.recovered") == 1; });
  CHECK(!node.view_of(id).state.failing_since.has_value());
}

SCENARIO("the pauses before a repetition grow, up to the longest") {
  sink_node node{{.retry = {milliseconds{1'000}, milliseconds{8'000}}}};
  static_cast<void>(node.make_sink());
  std::vector<timestamp> tries;
  node.receive = [&](const sink_batch&) {
    tries.push_back(node.time());
    return away();
  };
  node.log_event();
  node.run_to("some attempts", [&] { return tries.size() == 8; });
  for (std::size_t i = 1; i < tries.size(); ++i) {
    const auto longest = std::min<std::int64_t>(1'000LL << (i - 1), 8'000);
    CHECK(tries[i] - tries[i - 1] >= milliseconds{longest / 2});
    CHECK(tries[i] - tries[i - 1] <= milliseconds{longest} + milliseconds{1'000});
  }
}

SCENARIO("G4, G5: whenever the node crashes, nothing is lost and the first copies are in order") {
  std::minstd_rand random{7};
  for (int round = 0; round < 20; ++round) {
    sink_node node{{.batch = 2}};
    const auto id = node.make_sink();
    const auto crash_at = random() % 12;
    std::size_t count = 0;
    node.receive = [&](const sink_batch&) -> std::optional<failure> {
      return random() % 4 == 0 ? std::optional{away()} : std::nullopt;
    };
    for (std::size_t i = 0; i < many; ++i) {
      node.log_event();
      node.pass(milliseconds{200});
      if (++count % 12 == crash_at)
        node.restart();
    }
    node.run_to("all events", [&] { return node.confirmed.size() == many; });
    CHECK_EQ(first_copies(node.published), expected(node.database));
    check_cursor(node, id);
  }
}

SCENARIO("a sink that is disabled goes on where it stopped; after a change only what it wants now is published") {
  sink_node node;
  const auto id = node.make_sink();
  node.log_event();
  node.run_to("an event", [&] { return node.confirmed.size() == 1; });
  change_sink off;
  off.id = id;
  off.enabled = false;
  CHECK(node.ask<sink_view>(off).has_value());
  node.log_event();
  node.log_event("stock.low");
  node.pass(std::chrono::minutes{1});
  CHECK_EQ(node.published.size(), 1u);
  change_sink on;
  on.id = id;
  on.enabled = true;
  on.types = {"stock.*"};
  CHECK(node.ask<sink_view>(on).has_value());
  node.run_to("the other event", [&] { return node.confirmed.size() == 2; });
  CHECK_EQ(node.batches.back()->events.front()->type, "stock.low");
}

SCENARIO("the password is in no event, in no state and in no view of operators; it goes to the broker") {
  sink_node node;
  const auto id = node.make_sink();
  change_sink other;
  other.id = id;
  other.password = "pst-another";
  CHECK(node.ask<sink_view>(other).has_value());
  for (const auto& event : node.database.log()) {
    CHECK_EQ(event.data.find("hush-hush"), std::string::npos);
    CHECK_EQ(event.data.find("pst-another"), std::string::npos);
  }
  const auto stored = node.database.open_query()->run(load_entity{entity_kind::sink, id.value}).value();
  CHECK_EQ(stored.state.find("pst-another"), std::string::npos);
  const auto shown = node.ask<entity_description>(describe_entity{id.value}).value();
  CHECK_EQ(shown.state.find("pst-another"), std::string::npos);
  CHECK_EQ(encode(node.view_of(id)).find("pst-another"), std::string::npos);
  CHECK_EQ(node.row_of(id)->password, "pst-another");
  node.restart();
  node.log_event();
  node.run_to("an event", [&] { return node.confirmed.size() == 1; });
  CHECK_EQ(node.batches.back()->password, "pst-another");
  CHECK(node.remove(id) == ec::none);
  CHECK(!node.row_of(id).has_value());
  node.log_event();
  node.pass(std::chrono::minutes{1});
  CHECK_EQ(node.published.size(), 1u);
}

SCENARIO("a CloudEvent has the event's id, type and time, the order as its key, and the whole event as data") {
  stored_event event;
  event.stream = "pay_1";
  event.version = 3;
  event.type = "payment.captured";
  event.at = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};
  event.order = "ord_1";
  event.data = R"({"amount":{"amount":475,"currency":"EUR"}})";
  event.origin.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const auto message = to_cloud_event(event);
  CHECK_EQ(message.id, "evt_pay_1.3");
  CHECK_EQ(message.key, "ord_1");
  const auto body = boost::json::parse(message.body).as_object();
  CHECK_EQ(body.at("specversion"), "1.0");
  CHECK_EQ(body.at("id"), "evt_pay_1.3");
  CHECK_EQ(body.at("source"), "/v1/events");
  CHECK_EQ(body.at("type"), "payment.captured");
  CHECK_EQ(body.at("subject"), "pay_1");
  CHECK_EQ(body.at("partitionkey"), "ord_1");
  CHECK_EQ(body.at("traceparent"), event.origin.traceparent.c_str());
  CHECK_EQ(body.at("datacontenttype"), "application/json");
  CHECK_EQ(body.at("data").at("data").at("amount").at("amount"), 475);
  CHECK(body.at("time").as_string().starts_with("2026-01-01T00:00:00"));
}
