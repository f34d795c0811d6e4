#include "scenarios/report.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstdio>

namespace json = boost::json;

namespace waybill::scenarios {

bool report::passed() const noexcept {
  return !expectations.empty()
         && std::all_of(expectations.begin(), expectations.end(), [](const checked& x) { return x.ok; });
}

std::string to_json(const report& what) {
  json::array orders(what.order_ids.begin(), what.order_ids.end());
  json::array steps;
  for (const auto& step : what.steps)
    steps.push_back(json::object{{"at_ms", step.at_ms}, {"event", step.event}, {"detail", step.detail}});
  json::array expectations;
  for (const auto& expectation : what.expectations)
    expectations.push_back(json::object{{"text", expectation.text}, {"ok", expectation.ok}});
  return json::serialize(json::object{{"scenario", what.scenario},
                                      {"name", what.name},
                                      {"verdict", what.passed() ? "pass" : "fail"},
                                      {"order_ids", std::move(orders)},
                                      {"steps", std::move(steps)},
                                      {"expectations", std::move(expectations)},
                                      {"duration_ms", what.duration_ms}});
}

std::string to_text(const report& what) {
  std::string out = "scenario " + std::to_string(what.scenario) + ": " + what.name + "\n";
  for (const auto& step : what.steps) {
    char left[64];
    std::snprintf(left, sizeof left, "  %6lld ms  %-28s ", static_cast<long long>(step.at_ms), step.event.c_str());
    out += left + step.detail + "\n";
  }
  for (const auto& expectation : what.expectations)
    out += std::string{expectation.ok ? "  \u2713 " : "  \u2717 "} + expectation.text + "\n";
  out += std::string{"  "} + (what.passed() ? "pass" : "FAIL") + " in " + std::to_string(what.duration_ms) + " ms\n";
  return out;
}

} // namespace waybill::scenarios
