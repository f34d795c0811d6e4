#include "tests/gateway/support/support.hpp"
#include "tests/support/eventually.hpp"

#define CAF_SUITE gateway.overload
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

std::string head_of_body(std::size_t octets, std::string_view more = {}) {
  return "POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
         + std::to_string(octets) + "\r\n" + std::string{more} + "\r\n";
}

/// The value of a metric with its labels.
std::string metric(const fixture& f, std::string_view name) {
  const auto text = connection{f.port()}.send("GET", "/metrics").body;
  const auto at = text.find('\n' + std::string{name} + ' ');
  if (at == std::string::npos)
    return {};
  const auto begin = at + name.size() + 2;
  return text.substr(begin, text.find('\n', begin) - begin);
}

void check_refused(const answer& got, std::string_view code) {
  CAF_CHECK_EQUAL(got.status, 503u);
  CAF_CHECK_EQUAL(got.text("code"), code);
  CAF_CHECK_EQUAL(got.header("Retry-After"), "1");
}

} // namespace

SCENARIO("under overload a request is refused before its body is sent") {
  fixture f{[](gateway_config& config) { config.max_in_flight = 1; }};
  f.state->silent_orders = true;
  connection first{f.port()};
  first.write("GET /v1/orders/ord_00000000000000000000 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(eventually([&] { return metric(f, "waybill_http_requests_in_flight") == "2"; }));
  connection polite{f.port()};
  polite.write(head_of_body(100'000, "Expect: 100-continue\r\n"));
  check_refused(polite.read(), "overloaded");
  connection rude{f.port()};
  rude.write(head_of_body(100'000) + std::string(50'000, ' '));
  check_refused(rude.read(), "overloaded");
  CHECK_EQ(metric(f, "waybill_http_refused_total{reason=\"in_flight\"}"), "2");
  // Health and metrics are admitted, and so is a body when there is room again.
  CHECK_EQ(f.send("GET", "/readyz").status, 200u);
  f.state->silent_orders = false;
}

SCENARIO("slow bodies use bounded buffers") {
  fixture f{[](gateway_config& config) { config.max_buffered = config.body_limit = 100'000; }};
  connection slow{f.port()};
  slow.write(head_of_body(60'000) + "{");
  CHECK(eventually([&] { return metric(f, "waybill_http_buffered_bytes") == "60000"; }));
  connection second{f.port()};
  second.write(head_of_body(60'000));
  check_refused(second.read(), "overloaded");
  CHECK_EQ(metric(f, "waybill_http_refused_total{reason=\"buffered\"}"), "1");
  // Small ones are not counted.
  CHECK_EQ(f.send("POST", "/v1/orders", "{}").status, 422u);
  slow.write(std::string(59'998, ' ') + "}");
  CHECK_EQ(slow.read().status, 422u);
  CHECK(eventually([&] { return metric(f, "waybill_http_buffered_bytes") == "0"; }));
}

SCENARIO("subscriptions beyond the limit are refused on both transports") {
  fixture f{[](gateway_config& config) { config.max_subscribers = 1; }};
  connection stream{f.port()};
  stream.write("GET /v1/events/stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
  stream.read_until("retry:");
  check_refused(f.send("GET", "/v1/events/stream"), "overloaded");
  web_socket socket{f.port()};
  socket.send(R"({"type":"subscribe","id":"a"})");
  CHECK_EQ(socket.read().at("code").as_string(), "overloaded");
  CHECK_EQ(metric(f, "waybill_http_refused_total{reason=\"subscribers\"}"), "2");
}

SCENARIO("while the database is unavailable writes are refused early, and requests without the database are served") {
  std::atomic<bool> away = true;
  fixture f{{}, [&](gateway_services& services) {
              services.store_problem = [&]() -> std::string_view { return away ? "the database is gone" : ""; };
            }};
  check_refused(f.send("GET", "/v1/orders/ord_00000000000000000000"), "unavailable");
  check_refused(f.send("POST", "/v1/orders", "{}"), "unavailable");
  connection large{f.port()};
  large.write(head_of_body(100'000, "Expect: 100-continue\r\n"));
  check_refused(large.read(), "unavailable");
  CHECK_EQ(f.state->asked_orders.load(), 0);
  for (std::string target : {"/", "/healthz", "/metrics", "/version"})
    CHECK_EQ(f.send("GET", target).status, 200u);
  const auto ready = f.send("GET", "/readyz");
  CHECK_EQ(ready.status, 503u);
  CHECK(ready.body.find("the database is gone") != std::string::npos);
  CHECK_EQ(metric(f, "waybill_http_refused_total{reason=\"store\"}"), "3");
  away = false;
  CHECK_EQ(f.send("GET", "/readyz").status, 200u);
  CHECK_EQ(f.send("POST", "/v1/orders", "{}").status, 422u);
}

SCENARIO("while the database is read-only, reads are served") {
  std::atomic<bool> full = true;
  fixture f{{}, [&](gateway_services& services) {
              services.store_problem = []() -> std::string_view { return ""; };
              services.write_problem = [&]() -> std::string_view { return full ? "the disk is full" : ""; };
            }};
  check_refused(f.send("POST", "/v1/orders", "{}"), "unavailable");
  check_refused(f.send("POST", "/v1/orders/ord_00000000000000000000/cancel", ""), "unavailable");
  connection large{f.port()};
  large.write(head_of_body(100'000, "Expect: 100-continue\r\n"));
  check_refused(large.read(), "unavailable");
  CHECK_EQ(f.send("GET", "/v1/orders/ord_00000000000000000000").status, 404u);
  const auto ready = f.send("GET", "/readyz");
  CHECK_EQ(ready.status, 503u);
  CHECK(ready.body.find("the disk is full") != std::string::npos);
  full = false;
  CHECK_EQ(f.send("GET", "/readyz").status, 200u);
  CHECK_EQ(f.send("POST", "/v1/orders", "{}").status, 422u);
}
