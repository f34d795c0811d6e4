#include "nodes/options/config.hpp"
#include "tests/nodes/options/support/loading.hpp"

#define CAF_SUITE nodes.source_options
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

constexpr auto two_queues =
  "--source=amqp://shop:swordfish@rabbit?queue=orders redis://:swordfish@store/1?stream=orders";

} // namespace

SCENARIO("a node takes orders from the queues that source names, and shows no password") {
  CHECK(node_config{}.sources.queues.empty());
  const auto loaded = load_config({{two_queues, "--source-key=wbk_till", "--source-in-flight=8"}, {}});
  REQUIRE(loaded.has_value());
  const auto& sources = loaded->config.sources;
  REQUIRE_EQ(sources.queues.size(), 2u);
  CHECK_EQ(sources.queues[1].password, "swordfish");
  CHECK_EQ(sources.key, "wbk_till");
  CHECK_EQ(sources.consumers.in_flight, 8u);
  const auto dumped = dump(*loaded);
  CHECK(contains(dumped, "source = amqp://rabbit:5672/?queue=orders redis://store:6379/1?stream=orders&group=waybill"));
  CHECK(contains(dumped, "source-key = ***"));
  CHECK(!contains(dumped, "swordfish"));
}

SCENARIO("the orders of queues are placed by somebody") {
  CHECK_EQ(refusal({two_queues}), "");
  CHECK(contains(refusal({two_queues, "--auth=required"}), "source-key"));
  CHECK(contains(refusal({two_queues, "--source-key=a-password"}), "source-key: it is no service key"));
  CHECK(contains(refusal({"--source-key=wbk_till"}), "source-key: without source"));
  CHECK(contains(refusal({two_queues, "--role=order", "--store=postgresql://db/waybill"}), "role gateway"));
}

SCENARIO("what is no queue ends the start with a line that names it by its number, and shows nothing of it") {
  const auto told = refusal({"--source=amqp://shop:swordfish@rabbit?queue=orders amqp://shop:swordfish@rabbit"});
  CHECK(contains(told, "bad value (not shown) for source"));
  CHECK(contains(told, "number 2 must name its queue"));
  CHECK(!contains(told, "swordfish"));
  CHECK(contains(refusal({"--source=kafka://host?queue=orders"}), "number 1 must begin with amqp://"));
  CHECK(contains(refusal({"--source=amqp://rabbit?queue=a amqp://rabbit/?queue=a"}), "number 2 is there twice"));
}
