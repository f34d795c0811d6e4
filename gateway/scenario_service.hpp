#pragma once

#include "domain/base/result.hpp"
#include "messages/actors.hpp"

#include <functional>
#include <string>

namespace waybill {

/// What the gateway needs of the scenarios, so that it does not have to know them. Called from any gateway thread.
struct scenario_service {
  virtual ~scenario_service() = default;

  /// The scenarios there are, as a JSON array.
  virtual std::string list() = 0;

  /// Plays scenario `number` against `base_url`, with `token` unless it is empty, without blocking the caller; `done`
  /// gets the report (a JSON object) from any thread, or the reason why there is none: ec::not_found at once when there
  /// is no such scenario.
  virtual void run(int number, std::string base_url, std::string token,
                   std::function<void(result<std::string>)> done) = 0;

  /// Stages the faults that some of them need; null: this node breaks nothing on purpose.
  virtual fault_injector_actor fault_injector() { return {}; }
};

} // namespace waybill
