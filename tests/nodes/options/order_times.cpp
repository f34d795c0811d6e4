#include "nodes/options/config.hpp"

#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#define CAF_SUITE nodes.order_times
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace std::chrono_literals;

namespace {

using words = std::vector<std::string>;

node_config loaded(words arguments) {
  auto outcome = load_config({std::move(arguments), {}});
  if (outcome.has_error())
    CAF_FAIL("refused: " << outcome.error().detail);
  return outcome->config;
}

/// The line that refuses the options; empty when they are taken.
std::string refusal(words arguments) {
  const auto outcome = load_config({std::move(arguments), {}});
  return outcome.has_error() ? outcome.error().detail : std::string{};
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

} // namespace

SCENARIO("times that were given and contradict each other are refused, in one line that names both") {
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
  for (const auto& [one, other, name] : contradictions) {
    const auto line = refusal({one, other});
    MESSAGE(one << " " << other << ": " << line);
    CHECK(contains(line, name));
    CHECK(contains(line, other.substr(2, other.find('=') - 2)));
    CHECK_EQ(line.find('\n'), std::string::npos);
    // What was not given gives way.
    CHECK_EQ(refusal({one}), "");
  }
  CHECK(loaded({"--delivery-finish-within=3h"}).orders.limits.deliver == 2 * (3h + 10s + 2s));
  CHECK(loaded({"--delivery-finish-within=3m"}).orders.limits.deliver == 30min);
}

SCENARIO("what couriers may take and how long reservations go unasked do not contradict each other") {
  CHECK_EQ(refusal({"--courier-pool=real"}), "");
  CHECK_EQ(refusal({"--courier-pool=real", "--order-deliver-deadline=3h"}), "");
  CHECK_EQ(refusal({"--courier-pool=real", "--stock-reservation-ttl=8s", "--order-hold-limit=1s",
                    "--order-deliver-deadline=3h"}),
           "");
}
