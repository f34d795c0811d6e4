#include "tracing/trace_context.hpp"

#include <set>

#define CAF_SUITE tracing.trace_context
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::tracing;

namespace {

const std::string example = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

} // namespace

SCENARIO("a traceparent is read and written as the W3C recommendation says") {
  const auto context = parse_traceparent(example);
  REQUIRE(context.has_value());
  CHECK(context->trace == (trace_id{0x0af7651916cd43dd, 0x8448eb211c80319c}));
  CHECK(context->span == 0xb7ad6b7169203331);
  CHECK(context->sampled);
  CHECK_EQ(to_traceparent(*context), example);
  auto quiet = example;
  quiet.back() = '0';
  CHECK(!parse_traceparent(quiet)->sampled);
  CHECK_EQ(to_traceparent(*parse_traceparent(quiet)), quiet);
  CHECK(sampled_context(example).has_value());
  CHECK(!sampled_context(quiet).has_value());
}

SCENARIO("unknown flags are ignored") {
  CHECK(parse_traceparent(example.substr(0, 53) + "03")->sampled);
  CHECK(!parse_traceparent(example.substr(0, 53) + "fe")->sampled);
}

SCENARIO("an invalid traceparent is ignored") {
  for (const std::string text : {"", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
                                 "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-",
                                 "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                                 "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                                 "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
                                 "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                                 "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                                 "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"})
    CHECK(!parse_traceparent(text).has_value());
}

SCENARIO("the id of a span with a name is the same everywhere, and another one for another name or trace") {
  const trace_id trace{1, 2};
  // Nodes of other versions must compute the same: these numbers are fixed.
  CHECK_EQ(derive_span_id(trace, "ord_1@1"), derive_span_id(trace, "ord_1@1"));
  std::set<span_id> ids;
  for (int i = 0; i < 1'000; ++i) {
    ids.insert(derive_span_id(trace, "ord_1@" + std::to_string(i)));
    ids.insert(derive_span_id({1, static_cast<std::uint64_t>(i) + 3}, "ord_1@1"));
  }
  CHECK_EQ(ids.size(), 2'000u);
  CHECK(!ids.contains(0));
}

SCENARIO("the ratio samples by the trace's id alone") {
  int sampled = 0;
  for (int i = 0; i < 10'000; ++i) {
    const auto id = new_trace_id();
    CHECK(is_sampled(id, 1));
    CHECK(!is_sampled(id, 0));
    if (is_sampled(id, 0.1))
      CHECK(is_sampled(id, 0.5));
    sampled += is_sampled(id, 0.1) ? 1 : 0;
  }
  CHECK(sampled > 800 && sampled < 1'200);
  CHECK(is_sampled({0, 0x00ffffffffffffff}, 0.01));
  CHECK(!is_sampled({0, 0xffffffffffffffff}, 0.99));
}
