#pragma once

#include "domain/base/result.hpp"
#include "messages/actors.hpp"

#include <functional>
#include <string>

namespace waybill {

/// One run of a scenario: where it is played, and as whom.
struct scenario_run {
  /// Each request of the run is sent with an X-Request-Id that begins with it: its events have that as their
  /// correlation.
  std::string id;
  std::string base_url;
  /// Empty: none is needed.
  std::string token;
};

/// How the gateway plays scenarios without knowing them. Called from any gateway thread.
struct scenario_service {
  virtual ~scenario_service() = default;

  /// The scenarios there are, as a JSON array.
  virtual std::string list() = 0;

  /// Plays scenario `number` without blocking. `done` is called from any thread with the report (a JSON object) or the
  /// reason why there is none: ec::not_found at once when there is no such scenario.
  virtual void run(int number, scenario_run run, std::function<void(result<std::string>)> done) = 0;

  /// Injects the faults that some of them need; null: this node injects none.
  virtual fault_injector_actor fault_injector() { return {}; }
};

} // namespace waybill
