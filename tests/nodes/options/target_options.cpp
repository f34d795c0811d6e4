#include "nodes/options/config.hpp"
#include "tests/nodes/options/support/loading.hpp"

#define CAF_SUITE nodes.target_options
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

// Which servers of others a node speaks to, and how often.

SCENARIO("webhooks go to public addresses only, by a valid schedule") {
  const auto usual = loaded({});
  CHECK(usual.webhooks.targets == outbound::target_policy::public_only);
  const auto config = loaded({"--webhook-targets=any", "--webhook-retry-schedule=1s,5m", "--webhook-keep=1h"});
  CHECK(config.webhooks.targets == outbound::target_policy::any);
  CHECK(config.webhooks.delivery.schedule == (std::vector<milliseconds>{milliseconds{1'000}, milliseconds{300'000}}));
  CHECK(config.webhooks.keep == milliseconds{3'600'000});
  for (const auto* bad : {"", "0s", "5", "5s,,1m", "5s,soon"})
    CHECK(contains(refusal({"--webhook-retry-schedule=" + std::string{bad}}), "webhook-retry-schedule"));
  CHECK(contains(refusal({"--webhook-targets=private"}), "webhook-targets"));
  const auto shown = load_config({{}, {}});
  CHECK(contains(dump(*shown), "webhook-retry-schedule = 5s,5m,30m,2h,5h,10h,14h,20h,1d"));
}

SCENARIO("what goes to brokers goes to public addresses only, whatever webhooks may do") {
  CHECK(loaded({"--webhook-targets=any"}).sinks.targets == outbound::target_policy::public_only);
  CHECK(loaded({"--sink-targets=any"}).sinks.targets == outbound::target_policy::any);
  CHECK(loaded({"--sink-targets=any"}).webhooks.targets == outbound::target_policy::public_only);
}
