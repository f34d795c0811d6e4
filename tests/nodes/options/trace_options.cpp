#include "domain/base/errors.hpp"
#include "nodes/options/config.hpp"
#include "tests/nodes/options/support/loading.hpp"

#define CAF_SUITE nodes.trace_options
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

SCENARIO("traces are off until an endpoint is given") {
  CHECK_EQ(loaded({}).traces.endpoint, "");
  const auto config = loaded({"--trace-endpoint=http://127.0.0.1:4318/v1/traces", "--trace-ratio=0.25"});
  CHECK_EQ(config.traces.endpoint, "http://127.0.0.1:4318/v1/traces");
  CHECK_EQ(config.traces.ratio, 0.25);
  CHECK_EQ(loaded({"--trace-ratio=1"}).traces.ratio, 1.0);
  for (std::string_view bad : {"", "-0.1", "1.1", "nan", "half", "0.5x"})
    CHECK(contains(refusal({"--trace-ratio=" + std::string{bad}}), "trace-ratio"));
  CHECK(contains(refusal({"--trace-endpoint=collector:4318"}), "trace-endpoint"));
  const auto shown = load_config({{"--trace-ratio=0.05"}, {}});
  REQUIRE(shown.has_value());
  CHECK(contains(dump(*shown), "trace-ratio = 0.05"));
}
