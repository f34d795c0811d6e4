#include "nodes/control/node_reporter.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/telemetry/histogram.hpp>
#include <caf/telemetry/metric_registry.hpp>

#include <array>

#define CAF_SUITE nodes.node_reporter
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;

namespace {

std::vector<latency_histogram> readings(std::vector<std::uint64_t> counts) {
  return {{"stock", std::move(counts)}};
}

std::vector<std::uint64_t> grown(const hour_of_histograms& hour, std::vector<std::uint64_t> counts) {
  return hour.growth(readings(std::move(counts))).front().counts;
}

struct fixture {
  fixture() : reporter(spawn_node_reporter(sys, "order-1", troubles)) {}
  ~fixture() { caf::anon_send_exit(reporter, caf::exit_reason::user_shutdown); }

  node_report report() {
    node_report answer;
    caf::scoped_actor self{sys};
    self->request(reporter, std::chrono::seconds{60}, get_node_report{})
      .receive([&](node_report& report) { answer = std::move(report); },
               [](const caf::error& reason) { CAF_FAIL(to_string(reason)); });
    return answer;
  }

  caf::actor_system_config config;
  caf::actor_system sys{config};
  std::shared_ptr<known_troubles> troubles = std::make_shared<known_troubles>();
  node_reporter_actor reporter;
};

} // namespace

SCENARIO("only the last hour is counted and kept") {
  hour_of_histograms hour;
  CHECK_EQ(grown(hour, {5, 7}), (std::vector<std::uint64_t>{5, 7}));
  for (std::uint64_t minute = 1; minute <= 59; ++minute)
    hour.note(readings({minute, 0}));
  // Less than an hour old: all of it.
  CHECK_EQ(grown(hour, {80, 3}), (std::vector<std::uint64_t>{80, 3}));
  hour.note(readings({60, 0}));
  CHECK_EQ(grown(hour, {80, 3}), (std::vector<std::uint64_t>{79, 3}));
  for (std::uint64_t minute = 61; minute <= 500; ++minute)
    hour.note(readings({minute, 2}));
  CHECK_EQ(grown(hour, {600, 3}), (std::vector<std::uint64_t>{600 - 441, 1}));
}

SCENARIO("a process that began within the hour counts from its beginning") {
  hour_of_histograms hour;
  for (int minute = 0; minute < 60; ++minute)
    hour.note({});
  CHECK_EQ(grown(hour, {4}), std::vector<std::uint64_t>{4});
}

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("a report has the values of the node's metrics") {
  auto& registry = sys.metrics();
  registry.counter_singleton("waybill", "orders-placed", "Orders placed.", "1", true)->inc(3);
  auto* finished = registry.counter_family("waybill", "orders-finished", {"status"}, "Orders.", "1", true);
  finished->get_or_add({{"status", "completed"}})->inc(2);
  finished->get_or_add({{"status", "rejected"}})->inc();
  const std::array<double, 2> bounds{.001, .01};
  auto* steps = registry.histogram_family<double>("waybill", "order-step", {"step"}, bounds, "Steps.", "seconds");
  auto* stock = steps->get_or_add({{"step", "stock"}});
  stock->observe(.0005);
  stock->observe(.005);
  stock->observe(5);
  registry.histogram_singleton<double>("waybill.journal", "commit-duration", bounds, "Commits.", "seconds")
    ->observe(.002);
  const auto answer = report();
  CHECK_EQ(answer.node, "order-1");
  CHECK_EQ(answer.version, WAYBILL_VERSION);
  CHECK_EQ(answer.orders_placed, 3u);
  CHECK_EQ(answer.orders_at_rest, 3u);
  CHECK_EQ(answer.commits, 1u);
  CHECK_EQ(answer.commit_us, 2'000u);
  CHECK_EQ(answer.bounds_us, (std::vector<std::uint64_t>{1'000, 10'000}));
  REQUIRE_EQ(answer.last_hour.size(), 1u);
  CHECK_EQ(answer.last_hour[0].name, "stock");
  CHECK_EQ(answer.last_hour[0].counts, (std::vector<std::uint64_t>{1, 1, 1}));
}

SCENARIO("a report names the known troubles of the node") {
  CHECK_EQ(report().troubles, std::vector<std::string>{});
  troubles->set("database", "the disk of the database is full");
  CHECK_EQ(report().troubles, std::vector<std::string>{"the disk of the database is full"});
}

END_FIXTURE_SCOPE()
