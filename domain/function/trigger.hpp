#pragma once

#include "domain/base/ids.hpp"
#include "domain/base/time.hpp"

#include <boost/describe/class.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// How far a function has come that is called for events. It is kept in a stream of its own: what admins decide about
/// the function stands in the function's.
namespace waybill::function {

/// Begins the ids of these streams; the name of the function follows.
inline constexpr std::string_view trigger_prefix = "trg_";

inline std::string trigger_stream(std::string_view name) {
  return std::string{trigger_prefix}.append(name);
}

/// The function failed on an event after all attempts, and went on with the next one.
struct event_skipped {
  static constexpr std::string_view type = "function.event_skipped";
  function_id function;
  /// The event and its type.
  std::string event;
  std::string about;
  /// Why the last attempt failed; `line` is of the source, zero: of no line.
  std::string kind;
  std::string message;
  std::uint32_t line = 0;
  std::uint32_t attempts = 0;
};
BOOST_DESCRIBE_STRUCT(event_skipped, (), (function, event, about, kind, message, line, attempts))

/// The last event that was skipped.
struct trigger_failure {
  event_skipped skipped;
  timestamp at;
};
BOOST_DESCRIBE_STRUCT(trigger_failure, (), (skipped, at))

/// The state of the stream. The generation of the log is that of the database in which this is stored.
struct trigger_progress {
  /// state::triggers_after when this began: triggers that were removed and made again begin anew.
  std::string began_after;
  /// The events up to this place are done.
  std::uint64_t transaction = 0;
  std::uint64_t sequence = 0;
  /// Since it began: events that the function took, notifications that it made, events that it could not take.
  std::uint64_t handled = 0;
  std::uint64_t notified = 0;
  std::uint64_t skipped = 0;
  std::optional<trigger_failure> last_failure;
  /// Of the stream.
  std::uint64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(trigger_progress, (),
                      (began_after, transaction, sequence, handled, notified, skipped, last_failure, version))

} // namespace waybill::function
