#include "bench/histogram.hpp"
#include "bench/metrics.hpp"
#include "bench/workloads/delivery_feed.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#define CAF_SUITE bench.parts
#include <caf/test/bdd_dsl.hpp>

using namespace waybill::bench;

SCENARIO("small values are kept exactly") {
  histogram h;
  for (std::uint64_t value = 1; value <= 100; ++value)
    h.add(value);
  CHECK_EQ(h.quantile(0.5), 50u);
  CHECK_EQ(h.quantile(0.99), 99u);
  CHECK_EQ(h.quantile(1.0), 100u);
  CHECK_EQ(h.quantile(0.0), 1u);
  CHECK_EQ(histogram{}.quantile(0.5), 0u);
}

SCENARIO("quantiles of any values are never below the true one and at most a 64th above") {
  std::mt19937_64 random{42};
  histogram h;
  std::vector<std::uint64_t> values;
  for (int i = 0; i < 20'000; ++i) {
    values.push_back(random() >> (random() % 64));
    h.add(values.back());
  }
  std::sort(values.begin(), values.end());
  for (const double share : {0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
    const auto exact = values[rank - 1];
    CHECK(h.quantile(share) >= exact);
    CHECK(h.quantile(share) - exact <= exact / 64);
  }
}

SCENARIO("the largest value has a bucket") {
  histogram h;
  h.add(~std::uint64_t{0});
  CHECK_EQ(h.quantile(0.5), ~std::uint64_t{0});
}

SCENARIO("finished orders are read from the metrics and summed over their labels") {
  const auto got = read_finished("# HELP waybill_orders_finished_total x\n"
                                 "waybill_orders_finished_total{status=\"completed\",node=\"a\"} 3\n"
                                 "waybill_orders_finished_total{node=\"b\",status=\"completed\"} 4 1700000000\n"
                                 "waybill_orders_finished_total{status=\"rejected\"} 1.0e1\n"
                                 "waybill_orders_finished_total_other{status=\"x\"} 9\n"
                                 "other{status=\"completed\"} 5");
  CHECK_EQ(got.at("completed"), 7u);
  CHECK_EQ(got.at("rejected"), 10u);
  CHECK_EQ(total(got), 17u);
  CHECK_EQ(total(read_finished("")), 0u);
}

SCENARIO("chunks are taken apart wherever they are cut") {
  const std::string coded = "5\r\nhello\r\n7;x=y\r\n, world\r\n1\r\n!\r\n";
  for (std::size_t cut = 0; cut <= coded.size(); ++cut) {
    chunk_decoder decoder;
    std::string out;
    CHECK(decoder.feed(std::string_view{coded}.substr(0, cut), out));
    CHECK(decoder.feed(std::string_view{coded}.substr(cut), out));
    CHECK_EQ(out, "hello, world!");
  }
  chunk_decoder decoder;
  std::string out;
  CHECK(!decoder.feed("hello", out));
}

SCENARIO("completed orders are found in the event stream wherever it is cut") {
  const std::string text =
    ": hello\n\n"
    "id: 1\nevent: order.completed\n"
    "data: {\"id\":\"evt_1\",\"stream\":\"ord_01jd0000000000000001\",\"type\":\"order.completed\"}\n\n"
    "data: {\"stream\":\"ord_01jd0000000000000002\",\"type\":\"order.placed\"}\n\n"
    "data: {\"stream\":\"ord_01jd0000000000000003\",\"type\":\"order.completed\"}\n\n";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    completed_orders parser;
    std::vector<std::string> orders;
    const auto keep = [&](std::string_view order) { orders.emplace_back(order); };
    parser.feed(std::string_view{text}.substr(0, cut), keep);
    parser.feed(std::string_view{text}.substr(cut), keep);
    CHECK_EQ(orders, (std::vector<std::string>{"ord_01jd0000000000000001", "ord_01jd0000000000000003"}));
  }
}
