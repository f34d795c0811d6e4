#include "tests/gateway/support/support.hpp"

#include <regex>
#include <set>
#include <sstream>

#define CAF_SUITE gateway.metrics_page
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

SCENARIO("the metrics are one page in Prometheus' text format, with each family once") {
  fixture f;
  f.send("GET", "/v1/products");
  const auto page = f.send("GET", "/metrics");
  CHECK_EQ(page.header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  const std::regex sample{R"([a-z_:]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? -?[0-9.]+ [0-9]+)"};
  std::set<std::string> families;
  std::istringstream lines{page.body};
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# TYPE "))
      CHECK(families.insert(line.substr(7, line.rfind(' ') - 7)).second);
    else if (!line.starts_with("# HELP "))
      CHECK(std::regex_match(line, sample));
  }
  for (const std::string family :
       {"waybill_http_requests_total", "waybill_http_request_seconds", "waybill_http_connections",
        "waybill_http_requests_in_flight", "waybill_http_requests_limit", "waybill_http_buffered_bytes",
        "waybill_http_refused_total", "waybill_http_tls_handshakes_total", "waybill_websockets",
        "waybill_event_subscribers", "waybill_logins_total", "waybill_tokens_refused_total"})
    CHECK(families.contains(family));
}
