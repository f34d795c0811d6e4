#define CAF_SUITE actors.order_latency
#include "domain/base/errors.hpp"
#include "tests/actors/support/order_node.hpp"

#include <caf/telemetry/histogram.hpp>
#include <caf/telemetry/metric_registry.hpp>

#include <array>

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

/// The family exists: those of the order count.
const std::array<double, 1> any_bounds{1.};

struct fixture : order_node {
  static std::int64_t count_of(const caf::telemetry::dbl_histogram& histogram) {
    std::int64_t count = 0;
    for (const auto& bucket : histogram.buckets())
      count += bucket.count.value();
    return count;
  }

  std::int64_t waits(const std::string& reason) {
    auto* family = sys.metrics().histogram_family<double>("waybill", "order-step", {"step"}, any_bounds, "", "seconds");
    return count_of(*family->get_or_add({{"step", reason}}));
  }

  std::int64_t deliveries_made() {
    return count_of(
      *sys.metrics().histogram_singleton<double>("waybill", "order-placed-to-delivered", any_bounds, "", "seconds"));
  }

  order::status status_of(const order_id& id) {
    return ask<order::state>(orders, get_order{id, of_everything()})->status;
  }
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("a completed order is counted once in each step that it waited in") {
  const auto product = stock_up(10);
  const auto command = order_for({line_of(product, 1)}, "tok_ok");
  REQUIRE(ask<order_placed>(orders, command).has_value());
  run_to("the end", [&] { return status_of(command.id) == order::status::completed; });
  for (const auto* reason : {"stock", "payment", "dispatch", "courier", "settlement"})
    CHECK_EQ(waits(reason), 1);
  CHECK_EQ(waits("operator"), 0);
  CHECK_EQ(deliveries_made(), 1);
}

SCENARIO("a rejected order counts as waiting for stock and for its compensation, not for a delivery") {
  const auto product = stock_up(1);
  const auto command = order_for({line_of(product, 5)}, "tok_ok");
  REQUIRE(ask<order_placed>(orders, command).has_value());
  run_to("the end", [&] { return status_of(command.id) == order::status::rejected; });
  CHECK_EQ(waits("stock"), 1);
  CHECK_EQ(waits("compensation"), 1);
  CHECK_EQ(waits("payment"), 0);
  CHECK_EQ(deliveries_made(), 0);
}

END_FIXTURE_SCOPE()
