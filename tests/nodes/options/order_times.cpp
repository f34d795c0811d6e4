#include "nodes/options/config.hpp"
#include "tests/nodes/options/support/loading.hpp"

#include <array>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#define CAF_SUITE nodes.order_times
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

SCENARIO("given times that contradict each other are refused in one line that names both") {
  const std::vector<std::array<std::string, 3>> contradictions{
    {"--order-reserve-deadline=2s", "--order-request-timeout=2s", "order-reserve-deadline"},
    {"--order-authorize-deadline=1s", "--order-request-timeout=2s", "order-authorize-deadline"},
    {"--order-dispatch-deadline=1s", "--order-request-timeout=2s", "order-dispatch-deadline"},
    {"--order-settle-deadline=1s", "--order-request-timeout=2s", "order-settle-deadline"},
    {"--order-compensate-deadline=1s", "--order-request-timeout=2s", "order-compensate-deadline"},
    {"--order-revise-deadline=1s", "--order-request-timeout=2s", "order-revise-deadline"},
    {"--order-authorize-deadline=1m", "--payment-provider-timeout=2m", "order-authorize-deadline"},
    {"--order-settle-deadline=1m", "--payment-provider-timeout=2m", "order-settle-deadline"},
    {"--order-grace=30m", "--order-hold-limit=20m", "order-hold-limit"},
    {"--order-deliver-deadline=1h", "--delivery-find-within=1h", "order-deliver-deadline"},
    {"--order-deliver-deadline=3h", "--delivery-finish-within=3h", "order-deliver-deadline"},
    {"--order-deliver-deadline=1h", "--delivery-start-within=1h", "order-deliver-deadline"},
    {"--order-deliver-deadline=1m", "--delivery-answer-within=1m", "order-deliver-deadline"},
  };
  for (const auto& [option, other, name] : contradictions) {
    const auto line = refusal({option, other});
    MESSAGE(option << " " << other << ": " << line);
    CHECK(contains(line, name));
    CHECK(contains(line, other.substr(2, other.find('=') - 2)));
    CHECK_EQ(line.find('\n'), std::string::npos);
  }
}

SCENARIO(
  "A1: a time that contradicts a default is refused as well, with both names, both values and which is the default") {
  const words real{"--courier-pool=real", "--order-deliver-deadline=10m"};
  const std::vector<std::pair<words, words>> contradictions{
    {{"--payment-provider-timeout=5m"}, {"order-authorize-deadline: it is 1m, the default,", "(5m)"}},
    {{"--payment-provider-timeout=5m", "--order-authorize-deadline=10m"},
     {"order-settle-deadline: it is 5m, the default,"}},
    {{"--order-request-timeout=2m"}, {"order-reserve-deadline: it is 30s, the default,", "order-request-timeout (2m)"}},
    {{"--order-authorize-deadline=1s"},
     {"order-authorize-deadline: it is 1s and", "payment-provider-timeout (2s, the default)"}},
    {{"--order-settle-deadline=2s"}, {"payment-provider-timeout (2s, the default)"}},
    {{"--order-compensate-deadline=1s"}, {"payment-provider-timeout (2s, the default)"}},
    {{"--order-revise-deadline=1s"}, {"payment-provider-timeout (2s, the default)"}},
    {{"--order-grace=105m"}, {"order-hold-limit: it is 100m, the default,", "order-grace (105m)"}},
    {real, {"order-deliver-deadline: it is 10m and", "delivery-finish-within (2h, the default) together"}},
    {{"--order-deliver-deadline=1m"}, {"delivery-finish-within (10m, the default) together"}},
    {{"--provider-shortest-delay=5s", "--provider-longest-delay=6s"},
     {"payment-provider-timeout: it is 2s, the default,", "provider-shortest-delay (5s)"}},
    {{"--courier-shortest-delay=5s", "--courier-longest-delay=6s"},
     {"delivery-answer-within: it is 2s, the default,", "courier-shortest-delay (5s)"}},
  };
  for (const auto& [given, parts] : contradictions) {
    const auto line = refusal(given);
    MESSAGE(given.front() << ": " << line);
    for (const auto& part : parts)
      CHECK(contains(line, part));
    CHECK_EQ(line.find('\n'), std::string::npos);
  }
}

SCENARIO("A1: a default is adapted to the given times where that makes sense, and the dump shows its value") {
  const auto simulated = [](std::string given) { return loaded({"--courier-pool=simulated", std::move(given)}); };
  CHECK(simulated("--delivery-finish-within=3h").orders.limits.deliver == 2 * (3h + 10s + 2s));
  CHECK(simulated("--delivery-finish-within=3m").orders.limits.deliver == 30min);
  CHECK(simulated("--delivery-find-within=5h").orders.limits.deliver == 5h + 10min + 10s + 2s);
  CHECK(loaded({"--delivery-finish-within=3h"}).orders.limits.deliver == 4h);
  CHECK(loaded({"--delivery-finish-within=4h"}).orders.limits.deliver == 2 * (4h + 15min + 1min));
  CHECK(loaded({"--delivery-find-within=5h"}).orders.limits.deliver == 5h + 2h + 15min + 1min);
  CHECK(loaded({"--courier-pool=real", "--delivery-find-within=9h"}).orders.limits.deliver == 9h + 2h + 15min + 1min);
  CHECK(loaded({"--order-deliver-deadline=15m"}).deliveries.job.find_within == 13min + 30s);
  CHECK(loaded({"--order-deliver-deadline=1h"}).deliveries.job.find_within == 20min);
  CHECK(loaded({"--order-reserve-deadline=2s"}).orders.retry.request_timeout == 1s);
  CHECK(loaded({"--order-dispatch-deadline=1s"}).orders.retry.request_timeout == 500ms);
  CHECK(loaded({"--order-reserve-deadline=3s"}).orders.retry.request_timeout == 2s);
  const auto shown = dump(load_config({{"--courier-pool=simulated", "--delivery-find-within=5h"}, {}}).value());
  CHECK(contains(shown, "order-deliver-deadline = 18612s  # default, by delivery-find-within\n"));
  const auto causes = [](words given) { return dump(load_config({std::move(given), {}}).value()); };
  CHECK(contains(causes({}), "order-deliver-deadline = 4h  # default, by courier-pool\n"));
  CHECK(contains(causes({"--courier-pool=simulated"}), "order-deliver-deadline = 30m  # default\n"));
  CHECK(contains(causes({"--delivery-finish-within=4h"}), " # default, by delivery-finish-within\n"));
  CHECK(contains(causes({"--order-deliver-deadline=15m"}),
                 "delivery-find-within = 810s  # default, by order-deliver-deadline\n"));
  CHECK(contains(causes({"--order-dispatch-deadline=1s"}),
                 "order-request-timeout = 500ms  # default, by order-dispatch-deadline\n"));
}

SCENARIO("A1: defaults of roles that a node does not have contradict nothing") {
  const auto on = [](const std::string& role, words given) {
    given.insert(given.end(), {"--role=" + role, "--store=postgresql://db/shop"});
    return refusal(std::move(given));
  };
  CHECK_EQ(on("payment", {"--payment-provider-timeout=5m"}), "");
  CHECK_EQ(on("order", {"--order-authorize-deadline=1s"}), "");
  CHECK_EQ(on("order", {"--order-deliver-deadline=10m", "--courier-pool=real"}), "");
  CHECK(contains(on("order,payment", {"--payment-provider-timeout=5m"}), "order-authorize-deadline"));
  CHECK(contains(on("order", {"--payment-provider-timeout=5m"}), "order-authorize-deadline"));
}

SCENARIO("the times of couriers and the lifetime of reservations may be in any relation") {
  CHECK_EQ(refusal({"--courier-pool=real"}), "");
  CHECK_EQ(refusal({"--courier-pool=real", "--order-deliver-deadline=3h"}), "");
  CHECK_EQ(refusal({"--courier-pool=real", "--stock-reservation-ttl=8s", "--order-hold-limit=1s",
                    "--order-deliver-deadline=3h"}),
           "");
}

SCENARIO("with real couriers the default times suit people, and deliveries are listed") {
  const auto simulated = loaded({"--courier-pool=simulated"});
  CHECK(simulated.deliveries.pool == courier_pool_kind::simulated);
  CHECK(!simulated.deliveries.listed);
  CHECK(simulated.deliveries.job.answer_within == milliseconds{2'000});
  const auto real = loaded({"--courier-pool=real", "--delivery-start-within=5s"});
  CHECK(real.deliveries.pool == courier_pool_kind::real);
  CHECK(real.deliveries.listed);
  CHECK(real.deliveries.job.answer_within == milliseconds{60'000});
  CHECK(real.deliveries.job.start_within == milliseconds{5'000});
  CHECK(real.orders.limits.deliver > real.deliveries.job.finish_within);
  CHECK(contains(refusal({"--courier-pool=real", "--delivery-list=off"}), "delivery-list"));
  CHECK_EQ(refusal({"--delivery-list=on"}), "");
}

SCENARIO("by default both kinds of couriers are asked, each with times that suit them") {
  const auto both = loaded({});
  CHECK(both.deliveries.pool == courier_pool_kind::mixed);
  CHECK(!both.deliveries.listed);
  const auto& job = both.deliveries.job;
  CHECK(job.answer_within == milliseconds{2'000});
  CHECK(job.people.answer_within == milliseconds{60'000});
  CHECK(job.people.start_within == 15min);
  CHECK(job.people.finish_within == 2h);
  CHECK(both.orders.limits.deliver == 4h);
  const auto given = loaded({"--delivery-start-within=5s"}).deliveries.job;
  CHECK(given.start_within == 5s);
  CHECK(given.people.start_within == 5s);
  CHECK(given.people.finish_within == 2h);
}

SCENARIO("the times of people fit into the deadline that was given, and are never below those of simulated couriers") {
  const auto job = loaded({"--order-deliver-deadline=16m"}).deliveries.job;
  CHECK(job.people.answer_within == 16s);
  CHECK(job.people.start_within == 1min);
  CHECK(job.people.finish_within == job.finish_within);
  CHECK(loaded({"--order-deliver-deadline=80m"}).deliveries.job.people.finish_within == 40min);
}
