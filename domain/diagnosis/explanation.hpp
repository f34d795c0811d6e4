#pragma once

#include "domain/base/result.hpp"
#include "domain/diagnosis/recorded_event.hpp"
#include "domain/order/state.hpp"
#include "domain/order_view/waiting.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Why an order is where it is, in words.
namespace waybill::diagnosis {

/// A step that the order's actor has begun and not done.
struct open_work {
  std::string step;
  std::uint32_t attempts = 0;
  bool under_way = false;
  /// Under way: when the attempt counts as lost. Otherwise: when the next one begins.
  std::optional<timestamp> next{};
  std::string last_failure{};
};

struct explanation {
  order::waiting reason = order::waiting::nothing;
  /// `It waits for a courier.`
  std::string sentence;
  /// None of an order that waits for nothing.
  std::optional<timestamp> since;
  /// How often somebody was asked in this step.
  std::uint64_t attempts = 0;
  /// A sentence; empty when nothing went wrong in this step.
  std::string last_error;
  std::optional<timestamp> next_at;
  std::optional<timestamp> deadline;
  /// What an operator can type.
  std::vector<std::string> remedies;
  /// What it waits since.
  std::optional<recorded_event> led_by;
  /// What nodes know to be wrong, in sentences: explain leaves it to whoever can ask them.
  std::vector<std::string> troubles;
};

/// `open`: what the order's actor says; none of an order that is not in memory. `events` is the complete record of the
/// order. Fails as timeline_of.
result<explanation> explain(const std::vector<open_work>& open, const record& events, timestamp now);

/// What an operator can type to help an order that waits for that, the likeliest first; none where nothing helps.
std::vector<std::string> remedies_for(order::waiting reason, const order::state& order);

/// `since`, `attempts`, `last error`, ... for people, `name value` each.
std::vector<std::pair<std::string, std::string>> rows_of(const explanation& why, timestamp now);

/// `2 h 5 min`, `14.2 s`, `3 ms`: two units at most.
std::string duration_text(std::chrono::microseconds time);

} // namespace waybill::diagnosis
