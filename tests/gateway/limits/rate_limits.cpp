#include "gateway/limits/rate_limits.hpp"

#include "tests/gateway/support/support.hpp"

#define CAF_SUITE gateway.rate_limits
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::http;
using namespace waybill::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const auto begin = rate_limits::clock::time_point{} + std::chrono::hours{1};

rate_settings small() {
  rate_settings how;
  how.reads = {10, seconds{10}};
  how.writes = {2, seconds{10}};
  how.auth = {1, seconds{60}};
  how.streams = {};
  return how;
}

int taken_at_once(rate_limits& limits, rate_class which, std::string_view caller, rate_limits::clock::time_point at) {
  int count = 0;
  while (limits.take(which, caller, at).allowed)
    ++count;
  return count;
}

/// A gateway that limits this machine too.
struct limited : fixture {
  explicit limited(const rate_settings& how = small(), std::vector<std::string> trusted = {})
    : fixture{[&](gateway_config& options) {
        options.limit_loopback = true;
        options.rates = how;
        options.trusted_proxies = std::move(trusted);
      }} {}
};

constexpr auto some_order = "/v1/orders/ord_00000000000000000000";

} // namespace

SCENARIO("a full bucket holds its quota, and fills evenly over its window") {
  rate_limits limits{small()};
  CHECK_EQ(taken_at_once(limits, rate_class::reads, "ada", begin), 10);
  CHECK_EQ(taken_at_once(limits, rate_class::reads, "ada", begin + milliseconds{999}), 0);
  CHECK_EQ(taken_at_once(limits, rate_class::reads, "ada", begin + seconds{1}), 1);
  CHECK_EQ(taken_at_once(limits, rate_class::reads, "ada", begin + seconds{4}), 3);
  CHECK_EQ(taken_at_once(limits, rate_class::reads, "ada", begin + seconds{500}), 10);
}

SCENARIO("a refused request costs nothing, and says when to try again") {
  rate_limits limits{small()};
  taken_at_once(limits, rate_class::writes, "ada", begin);
  for (int i = 0; i < 100; ++i) {
    const auto refused = limits.take(rate_class::writes, "ada", begin + seconds{1});
    CHECK(!refused.allowed);
    CHECK_EQ(refused.retry, 4u);
    CHECK_EQ(refused.remaining, 0u);
  }
  CHECK(limits.take(rate_class::writes, "ada", begin + seconds{5}).allowed);
}

SCENARIO("each caller and class has its own bucket, and a class may be unlimited") {
  rate_limits limits{small()};
  CHECK_EQ(taken_at_once(limits, rate_class::auth, "ada", begin), 1);
  CHECK_EQ(taken_at_once(limits, rate_class::auth, "bob", begin), 1);
  CHECK_EQ(taken_at_once(limits, rate_class::writes, "ada", begin), 2);
  for (int i = 0; i < 1'000; ++i)
    CHECK(limits.take(rate_class::streams, "ada", begin).allowed);
}

SCENARIO("many callers use bounded memory, and the fullest buckets are forgotten first") {
  auto how = small();
  how.remembered = 1'024;
  rate_limits limits{how};
  taken_at_once(limits, rate_class::reads, "greedy", begin);
  // Each of the crowd asks once: their buckets are nearly full, and make room for one another.
  for (int i = 0; i < 100'000; ++i)
    CHECK(limits.take(rate_class::reads, "caller " + std::to_string(i), begin).allowed);
  CHECK_EQ(taken_at_once(limits, rate_class::reads, "greedy", begin), 0);
  CHECK(limits.in_use(begin) <= 1'024u);
  CHECK_EQ(limits.in_use(begin + seconds{60}), 0u);
}

SCENARIO("every limited answer gives the rest of the quota, in structured fields") {
  limited f;
  const auto first = f.send("GET", some_order);
  CHECK_EQ(first.status, 404u);
  CHECK_EQ(first.header("RateLimit-Policy"), "\"reads\";q=10;w=10");
  CHECK_EQ(first.header("RateLimit"), "\"reads\";r=9;t=1");
  CHECK_EQ(f.send("POST", "/v1/orders", "{}").header("RateLimit"), "\"writes\";r=1;t=5");
  // Health and metrics are never limited.
  CHECK_EQ(f.send("GET", "/healthz").header("RateLimit"), "");
}

SCENARIO("a caller above the limit gets 429 and the time to try again") {
  limited f;
  f.send("POST", "/v1/orders", "{}");
  f.send("POST", "/v1/orders", "{}");
  const auto refused = f.send("POST", "/v1/orders", "{}");
  CHECK_EQ(refused.status, 429u);
  CHECK_EQ(refused.text("code"), "rate_limited");
  CHECK_EQ(refused.header("Retry-After"), "5");
  CHECK_EQ(refused.header("RateLimit"), "\"writes\";r=0;t=10");
  // Reads continue, and so do health and metrics.
  CHECK_EQ(f.send("GET", some_order).status, 404u);
  CHECK(f.send("GET", "/metrics").body.find("waybill_http_refused_total{reason=\"rate\"} 1") != std::string::npos);
}

SCENARIO("paths that do not exist count too, and so do streams") {
  auto how = small();
  how.reads.quota = 2;
  how.streams = {1, seconds{60}};
  limited f{how};
  CHECK_EQ(f.send("GET", "/v1/nothing").status, 404u);
  CHECK_EQ(f.send("OPTIONS", "/v1/orders").status, 204u);
  CHECK_EQ(f.send("GET", "/v1/nothing").status, 429u);
  connection stream{f.port()};
  stream.write("GET /v1/events/stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
  stream.read_until("retry:");
  CHECK_EQ(f.send("GET", "/v1/events/stream").status, 429u);
}

SCENARIO("behind a trusted proxy each client has its own bucket; headers of untrusted peers are ignored") {
  auto how = small();
  how.writes.quota = 1;
  const auto from = [](std::string address) { return header_list{{"X-Forwarded-For", std::move(address)}}; };
  {
    limited f{how, {"127.0.0.0/8"}};
    CHECK_EQ(f.send("POST", "/v1/orders", "{}", from("192.0.2.1")).status, 422u);
    CHECK_EQ(f.send("POST", "/v1/orders", "{}", from("192.0.2.1")).status, 429u);
    CHECK_EQ(f.send("POST", "/v1/orders", "{}", from("198.51.100.7, 192.0.2.1")).status, 429u);
    CHECK_EQ(f.send("POST", "/v1/orders", "{}", from("192.0.2.2")).status, 422u);
    CHECK_EQ(f.send("POST", "/v1/orders", "{}", from("2001:db8::1")).status, 422u);
    CHECK_EQ(f.send("POST", "/v1/orders", "{}", from("2001:db8::ffff:1")).status, 429u);
    CHECK_EQ(f.send("POST", "/v1/orders", "{}", from("2001:db8:0:1::1")).status, 422u);
  }
  limited f{how};
  CHECK_EQ(f.send("POST", "/v1/orders", "{}", from("192.0.2.1")).status, 422u);
  CHECK_EQ(f.send("POST", "/v1/orders", "{}", from("192.0.2.2")).status, 429u);
}

SCENARIO("loopback clients are not limited unless they forward for others") {
  auto how = small();
  how.writes.quota = 1;
  fixture f{[&](gateway_config& config) { config.rates = how; }};
  for (int i = 0; i < 5; ++i) {
    const auto taken = f.send("POST", "/v1/orders", "{}");
    CHECK_EQ(taken.status, 422u);
    CHECK_EQ(taken.header("RateLimit"), "");
  }
  CHECK_EQ(f.send("POST", "/v1/orders", "{}", {{"Forwarded", "for=192.0.2.1"}}).status, 422u);
  CHECK_EQ(f.send("POST", "/v1/orders", "{}", {{"X-Forwarded-For", "192.0.2.1"}}).status, 429u);
}
