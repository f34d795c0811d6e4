#include "tests/gateway/support/support.hpp"
#include "tests/support/eventually.hpp"

#define CAF_SUITE gateway.listeners
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

answer ask(std::uint16_t port, std::string_view target, const header_list& headers = {}) {
  return connection{port}.send("GET", target, {}, headers);
}

} // namespace

SCENARIO("without a listener for operators, the clients' port serves metrics, but never the process view") {
  fixture f;
  CHECK_EQ(f.server->ports().ops, 0u);
  CHECK_EQ(f.send("GET", "/metrics").status, 200u);
  CHECK_EQ(f.send("GET", "/version").status, 200u);
  CHECK_EQ(f.send("GET", "/debug/process").status, 404u);
}

SCENARIO("with a listener for operators, their routes are served there only") {
  fixture f{[](gateway_config& config) { config.ops = listen_address{}; }};
  const auto ops = f.server->ports().ops;
  for (const auto* target : {"/metrics", "/version", "/debug/process"}) {
    CHECK_EQ(ask(ops, target).status, 200u);
    CHECK_EQ(f.send("GET", target).status, 404u);
  }
  // A load balancer asks the port to which it sends the load.
  for (const auto* target : {"/healthz", "/readyz"}) {
    CHECK_EQ(ask(ops, target).status, 200u);
    CHECK_EQ(f.send("GET", target).status, 200u);
  }
  for (const auto* target : {"/v1/orders", "/v1/products", "/", "/scenario/1", "/v1/events/stream"})
    CHECK_EQ(ask(ops, target).status, 404u);
  CHECK_EQ(connection{ops}.send("GET", "/metrics", {}, {{"X-Forwarded-For", "192.0.2.1"}}).status, 200u);
}

SCENARIO("the listener for operators refuses a foreign host name (DNS rebinding)") {
  fixture f{[](gateway_config& config) { config.ops = listen_address{}; }};
  connection page{f.server->ports().ops};
  page.write("GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n");
  CHECK_EQ(page.read().status, 403u);
}

SCENARIO("operators are served when the clients' port is full") {
  fixture f{[](gateway_config& config) {
    config.ops = listen_address{};
    config.max_connections = 1;
  }};
  connection first{f.port()};
  CHECK_EQ(first.send("GET", "/healthz").status, 200u);
  CHECK_EQ(f.send("GET", "/healthz").status, 503u);
  CHECK_EQ(ask(f.server->ports().ops, "/metrics").status, 200u);
}

SCENARIO("the process view shows its threads, its memory and the requests under way") {
  fixture f{[](gateway_config& config) { config.ops = listen_address{}; }};
  connection open{f.port()};
  CHECK_EQ(open.send("GET", "/healthz").status, 200u);
  const auto view = ask(f.server->ports().ops, "/debug/process").json();
  CHECK_EQ(view.at("node").as_string(), "test-node");
  CHECK(view.at("memory").at("resident_bytes").to_number<std::int64_t>() > 1'000'000);
  CHECK_EQ(view.at("http").at("connections").to_number<int>(), 2);
  bool is_named = false;
  for (const auto& thread : view.at("threads").as_array())
    is_named = is_named || thread.at("name").as_string() == "http-0";
  CHECK(is_named);
}

SCENARIO("a node without clients serves operators only") {
  fixture f{[](gateway_config& config) {
    config.ops = listen_address{};
    config.ops_only = true;
  }};
  CHECK_EQ(f.port(), 0u);
  CHECK_EQ(ask(f.server->ports().ops, "/metrics").status, 200u);
}

SCENARIO("connections from one address are limited, and a closed one frees a place") {
  fixture f{[](gateway_config& config) {
    config.limit_loopback = true;
    config.max_connections_per_address = 2;
  }};
  auto first = std::make_unique<connection>(f.port());
  connection second{f.port()};
  CHECK_EQ(first->send("GET", "/healthz").status, 200u);
  CHECK_EQ(second.send("GET", "/healthz").status, 200u);
  connection third{f.port()};
  const auto refused = third.read();
  CHECK_EQ(refused.status, 429u);
  CHECK_EQ(refused.text("code"), "rate_limited");
  CHECK_EQ(refused.header("Retry-After"), "1");
  first.reset();
  CHECK(eventually([&] {
    connection next{f.port()};
    return next.send("GET", "/healthz").status == 200;
  }));
}

SCENARIO("trusted proxies and this machine may have any number of connections") {
  for (const bool limit : {false, true}) {
    fixture f{[&](gateway_config& config) {
      config.limit_loopback = limit;
      config.trusted_proxies = {"127.0.0.1"};
      config.max_connections_per_address = 1;
    }};
    connection first{f.port()};
    connection second{f.port()};
    CHECK_EQ(first.send("GET", "/healthz").status, 200u);
    CHECK_EQ(second.send("GET", "/healthz").status, 200u);
  }
}
