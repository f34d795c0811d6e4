#include "scenarios/runner.hpp"

#include "tests/scenarios/fake_shop.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <set>

#define CAF_SUITE scenarios.runner
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::scenarios;
using waybill::testing::fake_shop;
using waybill::testing::scripted_answer;
using waybill::testing::scripted_request;
using waybill::testing::scripted_server;

namespace {

constexpr const char* tale_text = R"({
  "number": 9, "name": "test", "summary": "A test.",
  "products": [{"as": "tea", "name": "Tea", "price": {"amount": 100, "currency": "EUR"}, "on_hand": 7}],
  "steps": [
    {"place": {"as": "o", "lines": [{"product": "tea", "quantity": 1}], "token": "tok_ok", "recipient": "A",
               "address": "B", "key": "k", "times": 20, "accepts": [201, 409]}},
    {"wait": {"order": "o", "until": ["completed"], "within_ms": 5000}}],
  "expect": [
    {"text": "completed", "order": "o", "field": "/status", "is": "completed"},
    {"text": "one order", "answers": "o", "distinct_orders": 1, "replayed_at_least": 1},
    {"text": "one capture", "order": "o", "of": "payment", "count": "payment.captured", "is": 1},
    {"text": "delivered", "order": "o", "of": "delivery", "in_order": ["delivery.completed"]},
    {"text": "stock", "product": "tea", "on_hand": 6, "reserved": 0, "available": 6}]})";

story_report run(const story& tale, const std::string& url, run_options options = {}) {
  options.server = outbound::parse_api_server(url).value();
  options.poll_interval = milliseconds{1};
  options.log_lag = milliseconds{20};
  story_report out;
  boost::asio::io_context context{1};
  boost::asio::co_spawn(context, run_story(tale, options), [&](std::exception_ptr trouble, story_report done) {
    CHECK(trouble == nullptr);
    out = std::move(done);
  });
  context.run();
  return out;
}

const story& tale() {
  static const auto out = parse_story({"9-test.json", tale_text});
  return out;
}

bool holds(const story_report& report, std::string_view text) {
  const auto found = std::find_if(report.expectations.begin(), report.expectations.end(),
                                  [&](const checked& x) { return x.text.starts_with(text); });
  return found != report.expectations.end() && found->ok;
}

} // namespace

SCENARIO("a scenario whose expectations hold passes and withdraws its products") {
  fake_shop shop;
  story_report got;
  {
    scripted_server server{[&](const scripted_request& request) { return shop(request); }};
    got = run(tale(), server.url());
  }
  CHECK(got.passed());
  CHECK_EQ(shop.orders_posted, 20);
  CHECK_EQ(got.order_ids.size(), 1u);
  CHECK_EQ(shop.withdrawn.size(), 1u);
}

SCENARIO("the steps tell what happened in the order in which it happened and hold no token") {
  fake_shop shop;
  scripted_server server{[&](const scripted_request& request) { return shop(request); }};
  const auto got = run(tale(), server.url());
  const auto at = [&](std::string_view event) {
    return std::find_if(got.steps.begin(), got.steps.end(), [&](const auto& x) { return x.event == event; });
  };
  REQUIRE(at("order.placed") != got.steps.end());
  REQUIRE(at("payment.captured") != got.steps.end());
  CHECK(at("order.placed") < at("order.completed"));
  CHECK_EQ(at("order.placed")->detail, "reason because");
  CHECK_EQ(
    std::count_if(got.steps.begin(), got.steps.end(), [](const auto& x) { return x.event == "payment.captured"; }), 1);
  CHECK_EQ(to_json(got).find("tok_"), std::string::npos);
}

SCENARIO("the requests of a run carry its id") {
  fake_shop shop;
  std::set<std::string> ids;
  scripted_server server{[&](const scripted_request& request) {
    CHECK(request.headers["x-request-id"].starts_with("run_1-"));
    CHECK(ids.insert(request.headers["x-request-id"]).second);
    return shop(request);
  }};
  run_options options;
  options.run_id = "run_1";
  CHECK(run(tale(), server.url(), std::move(options)).passed());
  CHECK(ids.size() > 20);
}

SCENARIO("requests under one key may be told that the first is still running") {
  fake_shop shop;
  shop.in_progress_after = 5;
  scripted_server server{[&](const scripted_request& request) { return shop(request); }};
  CHECK(run(tale(), server.url()).passed());
}

SCENARIO("a second charge fails the run, and the report shows it") {
  fake_shop shop;
  shop.captures = 2;
  scripted_server server{[&](const scripted_request& request) { return shop(request); }};
  const auto got = run(tale(), server.url());
  CHECK(!got.passed());
  CHECK(holds(got, "completed"));
  const auto broken =
    std::find_if(got.expectations.begin(), got.expectations.end(), [](const auto& x) { return !x.ok; });
  REQUIRE(broken != got.expectations.end());
  CHECK_EQ(broken->text, "one capture (expected 1 payment.captured, found 2)");
}

SCENARIO("an order that never reaches the expected status ends the wait, and the rest is still checked") {
  fake_shop shop;
  shop.end_status = "fulfilling";
  auto impatient = tale();
  std::get<wait_step>(impatient.steps.back()).within = milliseconds{10};
  story_report got;
  {
    scripted_server server{[&](const scripted_request& request) { return shop(request); }};
    got = run(impatient, server.url());
  }
  CHECK(!got.passed());
  CHECK(!holds(got, "the story runs to its end"));
  CHECK(holds(got, "delivered"));
  CHECK_EQ(shop.withdrawn.size(), 1u);
}

SCENARIO("an unexpected answer is a step of the report with the problem's code") {
  scripted_server server{[](const scripted_request&) -> scripted_answer {
    return {503, R"({"code":"overloaded","detail":"try later"})"};
  }};
  const auto got = run(tale(), server.url());
  CHECK(!got.passed());
  CHECK(!got.unreachable);
  REQUIRE(!got.steps.empty());
  CHECK_EQ(got.steps.front().event, "error");
  CHECK_EQ(got.steps.front().detail, "POST /v1/products answered 503 overloaded: try later");
}

SCENARIO("a server that never answers ends the run at its limit") {
  scripted_server server{[](const scripted_request&) -> scripted_answer {
    scripted_answer out;
    out.silent = true;
    return out;
  }};
  run_options options;
  options.limit = milliseconds{50};
  const auto got = run(tale(), server.url(), std::move(options));
  CHECK(!got.passed());
  CHECK(got.unreachable);
}

SCENARIO("a server that does not listen is reported as unreachable") {
  std::string url;
  {
    scripted_server server{[](const scripted_request&) -> scripted_answer { return {}; }};
    url = server.url();
  }
  const auto got = run(tale(), url);
  CHECK(got.unreachable);
  CHECK(!got.passed());
}

SCENARIO("a server that closes the connection in the middle fails the run") {
  fake_shop shop;
  scripted_server server{[&](const scripted_request& request) {
    auto out = shop(request);
    out.hang_up = request.method == "GET";
    return out;
  }};
  const auto got = run(tale(), server.url());
  CHECK(!got.passed());
  CHECK(!got.unreachable);
  CHECK_EQ(shop.withdrawn.size(), 1u);
}
