#pragma once

#include "domain/base/result.hpp"
#include "domain/order/metadata.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// What functions answer that nobody called: those that are called for events, and guards. Pure and thread-safe.
namespace waybill::function {

/// Characters of what a function tells a customer, or of why it refuses an order.
inline constexpr std::size_t max_sentence = 500;

/// A function wants a customer to be told something.
struct notification {
  /// Empty: the customer of the event.
  std::string customer;
  std::string text;
};

/// Reads what a function answered for an event: `null`, or `{"notification": {"text": ..., "customer_id"?: ...}}`.
/// Fails with ec::invalid_argument and a sentence for anything else.
result<std::optional<notification>> read_trigger_answer(std::string_view json);

struct guard_answer {
  /// Why the order is refused; none: it is not.
  std::optional<std::string> refusal;
  /// Noted about the order.
  order::metadata metadata;
};

/// Reads what a guard answered: `null` or `true`, `{"refuse": "reason"}`, `{"metadata": {"key": "text"}}`. Fails with
/// ec::invalid_argument and a sentence for anything else.
result<guard_answer> read_guard_answer(std::string_view json);

} // namespace waybill::function
