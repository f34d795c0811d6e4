#include "messages/cluster/node_report.hpp"

#define CAF_SUITE messages.node_report
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;

SCENARIO("a quantile lies within its bucket, and beyond all bounds it is the last one") {
  const std::vector<std::uint64_t> bounds{1'000, 10'000};
  CHECK(!quantile_of(bounds, {0, 0, 0}, 50));
  CHECK(!quantile_of({}, {}, 50));
  CHECK_EQ(quantile_of(bounds, {100, 0, 0}, 50).value(), 500u);
  CHECK_EQ(quantile_of(bounds, {50, 50, 0}, 99).value(), 1'000u + 9'000u * 49 / 50);
  CHECK_EQ(quantile_of(bounds, {1, 0, 99}, 50).value(), 10'000u);
  CHECK_EQ(quantile_of(bounds, {1, 0, 0}, 99).value(), 1'000u);
}

SCENARIO("what nodes measured is added up by name; a node of other bounds is left out") {
  const auto report_of = [](std::vector<std::uint64_t> bounds, std::vector<latency_histogram> counts) {
    node_report report;
    report.bounds_us = std::move(bounds);
    report.last_hour = std::move(counts);
    return report;
  };
  const auto all =
    sum_of({report_of({10, 20}, {{"stock", {1, 2, 3}}}),
            report_of({10, 20}, {{"stock", {1, 1, 1}}, {"payment", {5, 0, 0}}}), report_of({10}, {{"stock", {9, 9}}})});
  REQUIRE_EQ(all.last_hour.size(), 2u);
  CHECK_EQ(all.last_hour[0].counts, (std::vector<std::uint64_t>{2, 3, 4}));
  CHECK_EQ(count_of(all.last_hour[0]), 9u);
  CHECK_EQ(count_of(all.last_hour[1]), 5u);
}
