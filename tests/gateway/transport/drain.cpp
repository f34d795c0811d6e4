#include "tests/gateway/support/support.hpp"

#include <thread>

#define CAF_SUITE gateway.drain
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

/// Long enough for everything that a test does meanwhile.
fixture announced_for(std::chrono::milliseconds delay) {
  return fixture{[delay](gateway_config& config) { config.drain_delay = delay; }};
}

constexpr std::string_view get_health = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

} // namespace

SCENARIO("a draining gateway first reports that it is not ready, and still serves new connections") {
  auto f = announced_for(std::chrono::seconds{3});
  connection kept{f.port()};
  CHECK_EQ(kept.send("GET", "/healthz").header("Connection"), "keep-alive");
  f.server->request_stop();
  const auto ready = f.send("GET", "/readyz");
  CHECK_EQ(ready.status, 503u);
  CHECK(ready.body.find("draining") != std::string::npos);
  CHECK_EQ(ready.header("Connection"), "close");
  const auto last = kept.send("GET", "/v1/products");
  CHECK_EQ(last.status, 200u);
  CHECK_EQ(last.header("Connection"), "close");
  CHECK(kept.ended());
  f.server->join();
  try {
    connection late{f.port()};
    CAF_ERROR("a connection was taken after the end");
  } catch (const std::exception&) {
    CHECK(true);
  }
}

SCENARIO("a connection made just before the end of the drain still gets its answer") {
  auto f = announced_for(std::chrono::milliseconds{0});
  connection fresh{f.port()};
  connection watching{f.port()};
  CHECK_EQ(watching.send("GET", "/healthz").status, 200u);
  f.server->request_stop();
  // Its end tells that the gateway has looked at its connections.
  CHECK(watching.ended());
  fresh.write(get_health);
  const auto got = fresh.read();
  CHECK_EQ(got.status, 200u);
  CHECK_EQ(got.header("Connection"), "close");
  f.server->join();
}

SCENARIO("data sent before the last answer of a connection does not make the client lose that answer") {
  auto f = announced_for(std::chrono::seconds{3});
  connection client{f.port()};
  f.server->request_stop();
  std::string many;
  for (int i = 0; i < 200; ++i)
    many += get_health;
  client.write(many);
  CHECK_EQ(client.read().header("Connection"), "close");
  CHECK(client.ended());
  f.server->join();
}

SCENARIO("Prefer: wait ends early when the gateway goes down, with the order as it is") {
  auto f = announced_for(std::chrono::milliseconds{0});
  f.state->unsettled_orders = true;
  const auto product = f.add_product();
  connection client{f.port()};
  const auto body = order_body(product);
  client.write("POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nPrefer: wait=25\r\n"
               "Content-Length: "
               + std::to_string(body.size()) + "\r\n\r\n" + body);
  while (f.state->asked_orders < 2)
    std::this_thread::yield();
  f.server->request_stop();
  const auto got = client.read();
  CHECK_EQ(got.status, 201u);
  CHECK_EQ(got.text("status"), "placed");
  f.server->join();
}

SCENARIO("a stream of events ends after a complete event") {
  auto f = announced_for(std::chrono::milliseconds{0});
  connection stream{f.port()};
  stream.write("GET /v1/events/stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
  stream.read_until("retry:");
  f.log_event("order.placed", "ord_1");
  const auto seen = stream.read_until("evt_ord_1.1");
  f.server->request_stop();
  const auto rest = seen + stream.read_to_end();
  CHECK(rest.ends_with("\n\n"));
  f.server->join();
}
