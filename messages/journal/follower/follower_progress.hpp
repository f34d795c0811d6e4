#pragma once

#include "domain/base/time.hpp"
#include "messages/journal/log_position.hpp"

#include <optional>
#include <string>

namespace waybill {

/// How far a follower has come that sends events to somebody else, and how that went: what is stored of a webhook
/// endpoint and of a sink alike.
struct follower_progress {
  std::string id;
  /// The events of its types up to here are done with.
  log_position cursor;
  std::optional<timestamp> last_success_at;
  std::optional<timestamp> last_failure_at;
  std::string last_error;
};

} // namespace waybill
