#include "bench/bench.hpp"

#include "tests/support/command_output.hpp"
#include "tests/support/scripted_server.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <cstdio>
#include <utility>

#define CAF_SUITE bench.load
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using waybill::testing::scripted_answer;
using waybill::testing::scripted_request;
using waybill::testing::scripted_server;
namespace json = boost::json;

namespace {

// Accepts orders and finishes them at once; tells the event stream before or after the answer, by turns.
struct order_counter {
  std::int64_t orders = 0;
  std::int64_t lost = 0;
  unsigned order_status = 201;
  std::string held_back;
  scripted_server* server = nullptr;

  scripted_answer operator()(const scripted_request& request) {
    if (request.target == "/v1/products")
      return {201, R"({"id":"prd_01jd0000000000000000"})"};
    if (request.target == "/metrics")
      return {200, "waybill_orders_finished_total{status=\"completed\"} "
                     + std::to_string(std::max<std::int64_t>(0, orders - lost)) + "\n"};
    if (request.target.starts_with("/v1/events/stream")) {
      scripted_answer out;
      out.stream = true;
      return out;
    }
    if (order_status != 201)
      return {order_status, "{}"};
    auto number = std::to_string(++orders);
    number.insert(0, 20 - number.size(), '0');
    tell("data: {\"stream\":\"ord_" + number + "\",\"type\":\"order.completed\"}\n\n");
    return {201, "{\"id\":\"ord_" + number + "\",\"status\":\"placed\"}"};
  }

private:
  // Every second event waits for the next order, so that some come after the answer; two clients keep it going.
  void tell(const std::string& event) {
    std::string out = std::exchange(held_back, {});
    if (orders % 2 == 0)
      held_back = event;
    else
      out += event;
    if (out.empty() || server == nullptr)
      return;
    char size[32];
    std::snprintf(size, sizeof size, "%zx\r\n", out.size());
    server->push(size + out + "\r\n");
  }
};

testing::outcome measure(order_counter& shop, std::vector<std::string> more) {
  scripted_server server{[&](const scripted_request& request) { return shop(request); }};
  shop.server = &server;
  std::vector<std::string> args{"orders",          "--url=" + server.url(), "--warmup=10ms",
                                "--duration=60ms", "--drain=200ms",         "--products=2"};
  args.insert(args.end(), more.begin(), more.end());
  return testing::run([](auto words) { return bench::bench_main(std::move(words), nullptr); }, args);
}

} // namespace

SCENARIO("a load counts what the server counts") {
  order_counter shop;
  const auto got = measure(shop, {"--concurrency=8"});
  CHECK_EQ(got.code, 0);
  const auto result = json::parse(got.out);
  CHECK(result.at("ok").as_bool());
  CHECK_EQ(result.at("accepted_in_all").as_int64(), shop.orders);
  CHECK_EQ(result.at("not_final").as_int64(), 0);
  CHECK(result.at("accepted").as_int64() > 0);
  CHECK(result.at("errors").as_object().empty());
}

SCENARIO("a waiting client goes on when its order is delivered") {
  order_counter shop;
  const auto got = measure(shop, {"--concurrency=3", "--wait=delivered"});
  CHECK_EQ(got.code, 0);
  const auto result = json::parse(got.out);
  CHECK(result.at("delivered").as_int64() > 0);
  CHECK(result.at("delivered").as_int64() <= shop.orders);
}

SCENARIO("refusals are counted by their status and fail the measurement") {
  order_counter shop;
  shop.order_status = 503;
  const auto got = measure(shop, {"--concurrency=2"});
  CHECK_EQ(got.code, 1);
  const auto result = json::parse(got.out);
  CHECK(result.at("errors").at("503").as_int64() > 0);
  CHECK(!result.at("ok").as_bool());
}

SCENARIO("orders that are never finished fail the measurement") {
  order_counter shop;
  shop.lost = 3;
  const auto got = measure(shop, {"--concurrency=2"});
  CHECK_EQ(got.code, 1);
}
