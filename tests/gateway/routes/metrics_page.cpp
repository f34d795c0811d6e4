#include "gateway/metrics/metrics_text.hpp"
#include "tests/gateway/support/support.hpp"
#include "tracing/exemplars.hpp"

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
  CHECK(http::metrics_text(registry, http::exposition::prometheus)
          .starts_with("# HELP test_odd_total Odd \\\\ things\\nhappen.\n# TYPE test_odd_total counter\n"
                       "test_odd_total{name=\"a \\\"b\\\" \\\\ c\\nd\"} 1\n"
                       "# HELP test_queue A gauge.\n# TYPE test_queue gauge\ntest_queue -3\n"
                       "# HELP test_share A share.\n# TYPE test_share gauge\ntest_share 0.1\n"));
}

SCENARIO("in OpenMetrics a counter has its family's name, and the bucket of a traced observation its trace") {
  caf::telemetry::metric_registry registry;
  registry.counter_singleton("test", "things", "Things.", "1", true)->inc();
  const double bounds[] = {1, 2.5};
  auto* const times = registry.histogram_singleton<double>("test", "work", bounds, "A \"time\".", "seconds");
  tracing::exemplars exemplars;
  const tracing::trace_id trace{0x0af7651916cd43dd, 0x8448eb211c80319c};
  tracing::observe(*times, 2, &exemplars, trace, timestamp{std::chrono::milliseconds{1'500}});
  tracing::observe(*times, 0.5, &exemplars, std::nullopt, timestamp{});
  const auto page = http::metrics_text(registry, http::exposition::openmetrics, &exemplars);
  CHECK(
    page.starts_with("# HELP test_things Things.\n# TYPE test_things counter\ntest_things_total 1\n"
                     "# HELP test_work_seconds A \\\"time\\\".\n# TYPE test_work_seconds histogram\n"
                     "# UNIT test_work_seconds seconds\ntest_work_seconds_bucket{le=\"1.0\"} 1\n"
                     "test_work_seconds_bucket{le=\"2.5\"} 2 # {trace_id=\"0af7651916cd43dd8448eb211c80319c\"} 2 1.5\n"
                     "test_work_seconds_bucket{le=\"+Inf\"} 2\ntest_work_seconds_sum 2.5\n"
                     "test_work_seconds_count 2\n"));
  CHECK(page.ends_with("# EOF\n"));
}

SCENARIO("OpenMetrics is for who names it") {
  fixture f;
  const auto type_for = [&](const std::string& accept) {
    return f.send("GET", "/metrics", {}, {{"Accept", accept}}).header("Content-Type").substr(0, 10);
  };
  CHECK_EQ(type_for("application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"),
           "applicatio");
  CHECK_EQ(type_for("*/*"), "text/plain");
  CHECK_EQ(type_for("text/plain, application/openmetrics-text;q=0.5"), "text/plain");
  CHECK_EQ(type_for("application/openmetrics-text;q=0"), "text/plain");
}
