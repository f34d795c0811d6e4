#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace waybill::scenarios {

/// An event of the order, its payment or its delivery, or a request of the player.
struct report_step {
  std::int64_t at_ms = 0;
  std::string event;
  std::string detail;
};

/// `text` says what was expected, and, when it does not hold, what was found.
struct checked {
  std::string text;
  bool ok = false;
};

/// The result of one run.
struct story_report {
  int scenario = 0;
  std::string name;
  std::vector<std::string> order_ids;
  std::vector<report_step> steps;
  std::vector<checked> expectations;
  std::int64_t duration_ms = 0;
  /// The server could not be reached at all.
  bool unreachable = false;

  /// Whether every expectation holds, and there is at least one.
  [[nodiscard]] bool passed() const noexcept;
};

/// The form that the API promises for GET /scenario/{n}.
std::string to_json(const story_report& report);

/// For a terminal: what happened, and each expectation with a tick or a cross.
std::string to_text(const story_report& report);

} // namespace waybill::scenarios
