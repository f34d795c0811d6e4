#pragma once

#include "domain/base/time.hpp"

#include <boost/describe/enum.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What webhook endpoints and sinks have in common: they follow the event log for somebody else. Admins say which
/// events go there and whether any do; when nothing gets through, it is failing until something does.
namespace waybill::follower {

enum class status : std::uint8_t { enabled, disabled, deleted };
BOOST_DESCRIBE_ENUM(status, enabled, disabled, deleted)

/// A part of the state of each.
struct state {
  /// As in the filters of event streams: exact, or a prefix and a star.
  std::vector<std::string> types;
  std::string description;
  follower::status status = follower::status::enabled;
  /// Since when nothing gets through, of one that is failing.
  std::optional<timestamp> failing_since;
  timestamp created_at;
  timestamp updated_at;
  std::uint64_t version = 0;
};

// -- commands that both take ------------------------------------------------------------------------------------------

/// Several attempts have failed since `since`, and nothing got through meanwhile.
struct report_failing {
  timestamp since;
  std::string last_error;
};
struct report_recovery {};
struct remove {};

// -- what a command changes; nothing when what it asks for already holds ----------------------------------------------

/// Whether it was created and not deleted since.
bool is_there(const state& current) noexcept;

/// Whether it is to be enabled (true) or disabled (false) to be as `enabled` wants it; nothing when it is so already,
/// or when nothing is wanted.
std::optional<bool> to_be_switched(const state& current, std::optional<bool> enabled) noexcept;

/// Whether it is news that it is failing: of one that is enabled, and was not failing.
bool begins_to_fail(const state& current) noexcept;

/// Whether it is news that something got through.
bool recovers(const state& current) noexcept;

} // namespace waybill::follower
