#include "scenarios/runner.hpp"

#include "tests/scenarios/fake_shop.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>

#define CAF_SUITE scenarios.chaos
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::scenarios;
using waybill::testing::fake_shop;
using waybill::testing::scripted_answer;
using waybill::testing::scripted_request;
using waybill::testing::scripted_server;

namespace {

/// A shop whose database fails, or whose nodes restart: the fault ends after some requests for its status.
struct breakable_shop {
  fake_shop shop;
  std::string fault = {};
  /// Of GET /v1/chaos, until the fault is over.
  int looks_left = 3;
  bool chaos_works = true;
  bool fails_meanwhile = false;
  std::string end = "completed";
  /// Two gateways answer in turn: the one that injects the fault, and one whose last fault ended long ago, or that
  /// knows none.
  bool spread = false;
  bool other_knows_one = false;
  int looks = 0;

  [[nodiscard]] bool broken() const { return !fault.empty() && looks_left > 0; }

  scripted_answer operator()(const scripted_request& request) {
    if (request.target == "/v1/chaos" && request.method == "POST")
      return begin(request);
    if (request.target == "/v1/chaos")
      return look();
    if (request.target == "/readyz")
      return broken() ? scripted_answer{503, R"({"ready":false,"missing":["the database is gone"]})"}
                      : scripted_answer{200, R"({"ready":true,"missing":[]})"};
    if (fails_meanwhile && broken() && request.target == "/v1/orders")
      return {500, R"({"code":"internal"})"};
    return shop(request);
  }

  scripted_answer begin(const scripted_request& request) {
    if (!chaos_works)
      return {403, R"({"code":"forbidden","detail":"start it with --chaos=on"})"};
    fault = std::string{boost::json::parse(request.body).at("fault").as_string()};
    return {202, R"({"status":"running",)" + node_member("one") + R"("steps":[]})"};
  }

  scripted_answer look() {
    if (spread && looks++ % 2 == 0)
      return other_knows_one ? scripted_answer{200, R"({"status":"completed","node":"two","steps":["an old one"]})"}
                             : scripted_answer{404, R"({"code":"not_found","detail":"no fault was staged yet"})"};
    --looks_left;
    const auto state = broken() ? std::string{"running"} : end;
    return {200, R"({"status":")" + state + R"(",)" + node_member("one") + R"("steps":["it is broken"]})"};
  }

  [[nodiscard]] std::string node_member(const std::string& node) const {
    return spread ? R"("node":")" + node + R"(",)" : "";
  }
};

std::string tale_of(const std::string& steps, const std::string& expected) {
  return R"({"number": 9, "name": "test", "summary": "A test.",
    "products": [{"as": "tea", "name": "Tea", "price": {"amount": 100, "currency": "EUR"}, "on_hand": 7}],
    "steps": [)"
         + steps + R"(], "expect": [)" + expected + "]}";
}

constexpr auto order = R"("lines": [{"product": "tea", "quantity": 1}], "token": "tok_ok", "recipient": "A",
                          "address": "B")";

const auto away = tale_of(std::string{R"({"chaos": {"fault": "database_away", "lasts_ms": 50}},
                                         {"readyz": {"is": 503, "within_ms": 5000}},
                                         {"wait_chaos": {"within_ms": 5000}},
                                         {"readyz": {"is": 200, "within_ms": 5000}},
                                         {"place": {"as": "o", "key": "k", )"}
                            + order + "}}",
                          R"({"text": "placed", "answers": "o", "distinct_orders": 1})");

const auto rolling = tale_of(std::string{R"({"chaos": {"fault": "rolling_restart", "lasts_ms": 50}},
                                            {"crowd": {"as": "c", "buyers": 100, "apart_ms": 20,
                                                       "while_chaos": true, )"}
                               + order + "}}",
                             R"({"text": "no request failed", "crowd": "c", "failed": 0})");

story_report run(const std::string& text, breakable_shop& shop) {
  const auto tale = parse_story({"9-test.json", text});
  scripted_server server{std::ref(shop)};
  run_options options;
  options.server = outbound::parse_api_server(server.url()).value();
  options.poll_interval = milliseconds{1};
  options.log_lag = milliseconds{20};
  story_report out;
  boost::asio::io_context context{1};
  boost::asio::co_spawn(context, run_story(tale, options),
                        [&](const std::exception_ptr&, story_report done) { out = std::move(done); });
  context.run();
  return out;
}

bool tells(const story_report& report, std::string_view event, std::string_view detail) {
  return std::ranges::any_of(report.steps, [&](const report_step& step) {
    return step.event == event && step.detail.find(detail) != std::string::npos;
  });
}

} // namespace

SCENARIO("a scenario reports the injected fault, and continues when it is over") {
  breakable_shop shop;
  const auto done = run(away, shop);
  CHECK_EQ(to_text(done).find("FAIL"), std::string::npos);
  CHECK_EQ(shop.fault, "database_away");
  CHECK(tells(done, "chaos", "it is broken"));
  CHECK(tells(done, "GET /readyz", "503: the database is gone"));
  CHECK_EQ(std::ranges::count(done.steps, std::string{"chaos"}, &report_step::event), 1);
}

SCENARIO("behind a load balancer, only the gateway that injects the fault is asked about it") {
  for (const bool other_knows_one : {false, true}) {
    breakable_shop shop;
    shop.spread = true;
    shop.other_knows_one = other_knows_one;
    const auto done = run(away, shop);
    CHECK_EQ(to_text(done).find("FAIL"), std::string::npos);
    CHECK(tells(done, "chaos", "it is broken"));
    CHECK(!tells(done, "chaos", "an old one"));
    CHECK(!shop.broken());
  }
}

SCENARIO("a node that injects no faults fails the scenario with its reason") {
  breakable_shop shop;
  shop.chaos_works = false;
  const auto done = run(away, shop);
  CHECK(!done.passed());
  CHECK(done.expectations.front().text.find("start it with --chaos=on") != std::string::npos);
}

SCENARIO("a fault that does not end as planned fails the scenario") {
  breakable_shop shop;
  shop.end = "failed";
  CHECK(run(away, shop).expectations.front().text.find("it is broken") != std::string::npos);
}

SCENARIO("customers place orders as long as a fault lasts, and their failed requests are counted") {
  breakable_shop shop;
  const auto good = run(rolling, shop);
  CHECK(good.passed());
  CHECK(shop.shop.orders_posted > 0);
  CHECK(shop.shop.orders_posted < 100);
  breakable_shop poor;
  poor.fails_meanwhile = true;
  const auto bad = run(rolling, poor);
  CHECK(!bad.passed());
  CHECK(tells(bad, "failed", "POST /v1/orders answered 500"));
}
