#include "tests/gateway/support/tokens.hpp"

#include "domain/base/errors.hpp"
#include "gateway/scenario_service.hpp"

#include <atomic>

#define CAF_SUITE gateway.page_origin
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

// Pages of other origins, crawlers and link previews can do nothing to a node that asks for no token.

namespace {

struct counted_scenarios : scenario_service {
  std::string list() override {
    return R"([{"scenario":1,"name":"a story","summary":"Nothing happens.","needs_chaos":false}])";
  }
  void run(int number, scenario_run, std::function<void(result<std::string>)> done) override {
    if (number != 1)
      return done(failure{ec::not_found, "there is no such scenario"});
    ++runs;
    done(std::string{R"({"scenario":1,"name":"a story","verdict":"pass","order_ids":[],"steps":[],)"
                     R"("expectations":[],"duration_ms":1})"});
  }
  std::atomic<int> runs = 0;
};

struct scene {
  explicit scene(std::function<void(gateway_config&)> change = {})
    : gateway{std::move(change), [this](gateway_services& services) {
                services.scenarios = &stories;
                services.keys = maker.ring;
              }} {}

  unsigned status(std::string_view method, std::string_view path, const header_list& headers,
                  std::string_view body = {}) {
    return gateway.send(method, path, body, headers).status;
  }

  counted_scenarios stories;
  token_maker maker;
  fixture gateway;
};

const std::vector<header_list> strangers{
  {{"Origin", "http://evil.example"}},
  {{"Origin", "null"}},
  {{"Origin", "http://localhost.evil.example"}, {"Sec-Fetch-Site", "cross-site"}},
  {{"Origin", "http://localhost:3000"}, {"Sec-Fetch-Site", "same-site"}},
  {{"Sec-Fetch-Site", "cross-site"}},
  {{"Sec-Fetch-Site", "same-site"}},
};

const std::vector<header_list> own{
  {},
  {{"Origin", "http://localhost"}, {"Sec-Fetch-Site", "same-origin"}},
  {{"Sec-Fetch-Site", "none"}},
  {{"Sec-Fetch-Site", "same-origin"}},
};

} // namespace

SCENARIO("B6: pages of other origins change nothing at a node that asks for no token") {
  scene s;
  for (const auto& headers : strangers) {
    CHECK_EQ(s.status("POST", "/v1/scenarios/1/runs", headers), 403u);
    CHECK_EQ(s.status("POST", "/v1/notifications/read-all", headers), 403u);
    CHECK_EQ(s.status("POST", "/v1/orders", headers, "{}"), 403u);
    CHECK_EQ(s.status("DELETE", "/v1/orders/ord_00000000000000000001", headers), 403u);
    CHECK_EQ(s.status("GET", "/scenario/1", headers), 403u);
    auto upgrade = headers;
    upgrade.insert(upgrade.end(), {{"Connection", "upgrade"},
                                   {"Upgrade", "websocket"},
                                   {"Sec-WebSocket-Version", "13"},
                                   {"Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="}});
    CHECK_EQ(s.status("GET", "/v1/ws", upgrade), 403u);
    // Reading without the right to see the answer has no effect.
    CHECK_EQ(s.status("GET", "/v1/orders", headers), 200u);
  }
  CHECK_EQ(s.stories.runs, 0);
  for (const auto& headers : own)
    CHECK_EQ(s.status("POST", "/v1/scenarios/1/runs", headers), 202u);
  CHECK_EQ(s.stories.runs, 4);
}

SCENARIO("B6: pages of listed origins may change data, and so may a caller with a token") {
  scene s{[](gateway_config& config) { config.allowed_origins = {"https://shop.example"}; }};
  CHECK_EQ(
    s.status("POST", "/v1/scenarios/1/runs", {{"Origin", "https://shop.example"}, {"Sec-Fetch-Site", "cross-site"}}),
    202u);
  auto headers = bearer(s.maker.token("usr_00000000000000000001", {"operator"}));
  headers.emplace_back("Origin", "https://other.example");
  CHECK_EQ(s.status("POST", "/v1/scenarios/1/runs", headers), 202u);
}

SCENARIO("B6: a GET plays a scenario for programs only; browsers get the page, which makes no orders") {
  scene s;
  const auto page =
    s.gateway.send("GET", "/scenario/1", "",
                   {{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"}, {"Sec-Fetch-Site", "cross-site"}});
  CHECK_EQ(page.status, 200u);
  CHECK_EQ(page.header("Content-Type"), "text/html; charset=utf-8");
  CHECK_EQ(s.gateway.send("GET", "/scenario/1", "", {{"Accept", "TEXT/HTML"}}).header("Content-Type"),
           "text/html; charset=utf-8");
  CHECK_EQ(s.status("HEAD", "/scenario/1", {{"Accept", "*/*"}}), 200u);
  CHECK_EQ(s.status("HEAD", "/scenario/9", {{"Accept", "*/*"}}), 404u);
  CHECK_EQ(s.stories.runs, 0);
  for (const std::string_view program : {"*/*", "application/json", "text/html;q=0, */*"})
    CHECK_EQ(s.gateway.send("GET", "/scenario/1", "", {{"Accept", std::string{program}}}).text("verdict"), "pass");
  CHECK_EQ(s.stories.runs, 3);
}
