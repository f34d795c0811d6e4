#include "scenarios/story_report.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstdio>

namespace json = boost::json;

namespace waybill::scenarios {

bool story_report::passed() const noexcept {
  return !expectations.empty()
         && std::all_of(expectations.begin(), expectations.end(), [](const checked& x) { return x.ok; });
}

std::string to_json(const story_report& report) {
  json::array orders(report.order_ids.begin(), report.order_ids.end());
  json::array steps;
  for (const auto& step : report.steps)
    steps.push_back(json::object{{"at_ms", step.at_ms}, {"event", step.event}, {"detail", step.detail}});
  json::array expectations;
  for (const auto& expectation : report.expectations)
    expectations.push_back(json::object{{"text", expectation.text}, {"ok", expectation.ok}});
  return json::serialize(json::object{{"scenario", report.scenario},
                                      {"name", report.name},
                                      {"verdict", report.passed() ? "pass" : "fail"},
                                      {"order_ids", std::move(orders)},
                                      {"steps", std::move(steps)},
                                      {"expectations", std::move(expectations)},
                                      {"duration_ms", report.duration_ms}});
}

std::string to_text(const story_report& report) {
  std::string out = "scenario " + std::to_string(report.scenario) + ": " + report.name + "\n";
  for (const auto& step : report.steps) {
    char left[64];
    std::snprintf(left, sizeof left, "  %6lld ms  %-28s ", static_cast<long long>(step.at_ms), step.event.c_str());
    out += left + step.detail + "\n";
  }
  for (const auto& expectation : report.expectations)
    out += std::string{expectation.ok ? "  \u2713 " : "  \u2717 "} + expectation.text + "\n";
  out +=
    std::string{"  "} + (report.passed() ? "pass" : "FAIL") + " in " + std::to_string(report.duration_ms) + " ms\n";
  return out;
}

} // namespace waybill::scenarios
