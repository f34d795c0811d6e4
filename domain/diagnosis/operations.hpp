#pragma once

#include "domain/base/result.hpp"
#include "domain/diagnosis/recorded_event.hpp"
#include "domain/payment.hpp"

#include <boost/describe/class.hpp>

#include <optional>
#include <string>
#include <vector>

namespace waybill::diagnosis {

/// What was asked of the payment provider, and what it said, as the payments recorded it. By `key` the same operation
/// is found in the provider's own books.
struct provider_operation {
  std::string key;
  payment::operation operation = payment::operation::authorize;
  money amount;
  timestamp asked_at;
  std::optional<timestamp> answered_at{};
  /// `open` while there is no answer, `approved` or `declined`.
  std::string outcome = "open";
  /// At least once no answer came in time.
  bool was_unknown = false;
  std::string reference{};
  std::string reason{};
};
BOOST_DESCRIBE_STRUCT(provider_operation, (),
                      (key, operation, amount, asked_at, answered_at, outcome, was_unknown, reference, reason))

/// In the order in which they were asked for. Fails with ec::unreadable.
result<std::vector<provider_operation>> operations_of(const record& events);

} // namespace waybill::diagnosis
