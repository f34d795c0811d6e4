#include "gateway/metrics/prometheus.hpp"
#include "tests/gateway/support/support.hpp"

#include <caf/telemetry/metric_registry.hpp>

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
  // A name, labels, a value, and no time.
  const std::regex sample{R"([a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? -?[0-9.e+-]+)"};
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
        "waybill_event_subscribers", "waybill_logins_total", "waybill_tokens_refused_total", "waybill_build_info",
        "process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds", "process_start_time_seconds"})
    CHECK(families.contains(family));
}

SCENARIO("the duration of requests is given by route, with readable bounds") {
  fixture f;
  f.send("GET", "/v1/products");
  f.send("GET", "/v1/products");
  const auto page = f.send("GET", "/metrics").body;
  CHECK(page.find("waybill_http_request_seconds_count{route=\"GET /v1/products\"} 2\n") != std::string::npos);
  for (const std::string bound : {"0.0005", "0.25", "1", "10", "+Inf"})
    CHECK(page.find("waybill_http_request_seconds_bucket{route=\"GET /v1/products\",le=\"" + bound + "\"}")
          != std::string::npos);
}

SCENARIO("the text of a label cannot break the page") {
  caf::telemetry::metric_registry registry;
  registry.counter_instance("test", "odd", {{"name", "a \"b\" \\ c\nd"}}, "Odd \\ things\nhappen.", "1", true)->inc();
  registry.gauge_singleton("test", "queue", "A gauge.", "1", true)->value(-3);
  registry.gauge_singleton<double>("test", "share", "A share.")->value(0.1);
  CHECK_EQ(http::prometheus_text(registry),
           "# HELP test_odd_total Odd \\\\ things\\nhappen.\n# TYPE test_odd_total counter\n"
           "test_odd_total{name=\"a \\\"b\\\" \\\\ c\\nd\"} 1\n"
           "# HELP test_queue A gauge.\n# TYPE test_queue gauge\ntest_queue -3\n"
           "# HELP test_share A share.\n# TYPE test_share gauge\ntest_share 0.1\n");
}
