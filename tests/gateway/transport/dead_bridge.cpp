#include "tests/gateway/support/support.hpp"
#include "tests/support/eventually.hpp"

#include <caf/send.hpp>

#include <mutex>
#include <vector>

#define CAF_SUITE gateway.dead_bridge
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

/// The actors that the gateway gives to its supervisor.
struct supervised_actors {
  std::mutex mutex;
  std::vector<caf::actor> all;

  void kill() {
    const std::lock_guard guard{mutex};
    for (const auto& actor : all)
      caf::anon_send_exit(actor, caf::exit_reason::kill);
  }
};

constexpr auto get_order = "GET /v1/orders/ord_00000000000000000000 HTTP/1.1\r\nHost: localhost\r\n\r\n";

} // namespace

SCENARIO("the bridge between a gateway thread and the actors is supervised; when it dies, no request waits for ever") {
  supervised_actors bridges;
  fixture f{[](gateway_config& config) { config.threads = 2; },
            [&](gateway_services& services) {
              services.supervise = [&](const caf::actor& actor) {
                const std::lock_guard guard{bridges.mutex};
                bridges.all.push_back(actor);
              };
            }};
  CHECK_EQ(bridges.all.size(), 2u);
  f.state->silent_orders = true;
  // Under way, on each thread.
  connection first{f.port()};
  connection second{f.port()};
  first.write(get_order);
  second.write(get_order);
  CHECK(eventually([&] {
    const auto page = f.send("GET", "/metrics").body;
    return page.find("waybill_http_requests_in_flight 3\n") != std::string::npos;
  }));
  bridges.kill();
  CHECK_EQ(first.read().status, 503u);
  CHECK_EQ(second.read().status, 503u);
  // And later requests.
  for (int i = 0; i < 4; ++i) {
    const auto refused = f.send("GET", "/v1/orders/ord_00000000000000000000");
    CHECK_EQ(refused.status, 503u);
    CHECK_EQ(refused.text("code"), "unavailable");
  }
  CHECK_EQ(f.send("GET", "/healthz").status, 200u);
}
