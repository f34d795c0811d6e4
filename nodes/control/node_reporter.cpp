#include "nodes/control/node_reporter.hpp"

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/telemetry/counter.hpp>
#include <caf/telemetry/gauge.hpp>
#include <caf/telemetry/histogram.hpp>
#include <caf/telemetry/label.hpp>
#include <caf/telemetry/metric.hpp>
#include <caf/telemetry/metric_family.hpp>
#include <caf/telemetry/metric_registry.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

namespace waybill {

namespace {

namespace telemetry = caf::telemetry;
using namespace std::chrono_literals;

constexpr auto minute = 60s;
constexpr double us_per_second = 1e6;

std::uint64_t to_us(double seconds) {
  return static_cast<std::uint64_t>(std::llround(seconds * us_per_second));
}

/// Takes what a report has out of the registry.
class report_collector {
public:
  explicit report_collector(node_report& report) : report_(report) {}

  template <class Value>
  void operator()(const telemetry::metric_family* family, const telemetry::metric*,
                  const telemetry::counter<Value>* counter) {
    const auto value = static_cast<std::uint64_t>(counter->value());
    if (is(*family, "waybill", "orders-placed"))
      report_.orders_placed += value;
    else if (is(*family, "waybill", "orders-finished"))
      report_.orders_at_rest += value;
    else if (is(*family, "waybill.journal", "appends"))
      report_.appends += value;
  }

  void operator()(const telemetry::metric_family* family, const telemetry::metric*, const telemetry::int_gauge* gauge) {
    if (is(*family, "waybill.journal", "pending-appends"))
      report_.appends_waiting = static_cast<std::uint64_t>(std::max<std::int64_t>(gauge->value(), 0));
  }

  void operator()(const telemetry::metric_family*, const telemetry::metric*, const telemetry::dbl_gauge*) {}
  void operator()(const telemetry::metric_family*, const telemetry::metric*, const telemetry::int_histogram*) {}

  void operator()(const telemetry::metric_family* family, const telemetry::metric* instance,
                  const telemetry::dbl_histogram* histogram) {
    if (is(*family, "waybill.journal", "commit-duration")) {
      report_.commit_us = to_us(histogram->sum());
      for (const auto& bucket : histogram->buckets())
        report_.commits += static_cast<std::uint64_t>(bucket.count.value());
    } else if (is(*family, "waybill", "order-step") || is(*family, "waybill", "order-placed-to-delivered")) {
      add(*instance, *histogram);
    }
  }

private:
  static bool is(const telemetry::metric_family& family, std::string_view prefix, std::string_view name) {
    return family.prefix() == prefix && family.name() == name;
  }

  void add(const telemetry::metric& instance, const telemetry::dbl_histogram& histogram) {
    latency_histogram reading{"delivered", {}};
    if (!instance.labels().empty()) {
      const auto value = instance.labels().front().value();
      reading.name.assign(value.data(), value.size());
    }
    std::vector<std::uint64_t> bounds;
    for (const auto& bucket : histogram.buckets()) {
      reading.counts.push_back(static_cast<std::uint64_t>(bucket.count.value()));
      if (!std::isinf(bucket.upper_bound))
        bounds.push_back(to_us(bucket.upper_bound));
    }
    report_.bounds_us = std::move(bounds);
    report_.last_hour.push_back(std::move(reading));
  }

  node_report& report_;
};

struct node_reporter_state {
  static inline const char* name = "waybill.node_reporter";

  node_reporter_state(node_reporter_actor::pointer ptr, std::string node, std::shared_ptr<const known_troubles> known)
    : self(ptr), node_name(std::move(node)), troubles(std::move(known)), started(self->clock().now()) {
    self->delayed_send(self, minute, caf::tick_atom_v);
  }

  node_reporter_actor::behavior_type make_behavior() {
    return {[this](get_node_report) { return report(); },
            [this](caf::tick_atom) {
              hour.note(read().last_hour);
              self->delayed_send(self, minute, caf::tick_atom_v);
            }};
  }

  node_report read() {
    node_report report;
    report_collector collector{report};
    self->system().metrics().collect(collector);
    return report;
  }

  node_report report() {
    auto report = read();
    report.node = node_name;
    report.version = WAYBILL_VERSION;
    report.up = std::chrono::duration_cast<milliseconds>(self->clock().now() - started);
    report.last_hour = hour.growth(std::move(report.last_hour));
    if (troubles)
      report.troubles = troubles->sentences();
    return report;
  }

  node_reporter_actor::pointer self;
  std::string node_name;
  std::shared_ptr<const known_troubles> troubles;
  caf::actor_clock::time_point started;
  hour_of_histograms hour;
};

} // namespace

void hour_of_histograms::note(std::vector<latency_histogram> readings) {
  minutes_.push_back(std::move(readings));
  if (minutes_.size() > most)
    minutes_.pop_front();
}

std::vector<latency_histogram> hour_of_histograms::growth(std::vector<latency_histogram> readings) const {
  // Younger than an hour: all that there is.
  if (minutes_.size() < most)
    return readings;
  for (auto& reading : readings) {
    const auto before = std::ranges::find(minutes_.front(), reading.name, &latency_histogram::name);
    if (before == minutes_.front().end())
      continue;
    for (std::size_t i = 0; i < reading.counts.size() && i < before->counts.size(); ++i)
      reading.counts[i] -= std::min(reading.counts[i], before->counts[i]);
  }
  return readings;
}

node_reporter_actor spawn_node_reporter(caf::actor_system& sys, std::string node,
                                        std::shared_ptr<const known_troubles> troubles) {
  return sys.spawn<node_reporter_actor::stateful_impl<node_reporter_state>>(std::move(node), std::move(troubles));
}

} // namespace waybill
