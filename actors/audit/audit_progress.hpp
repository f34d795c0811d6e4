#pragma once

#include "messages/journal/audit.hpp"

#include <optional>
#include <string>
#include <vector>

namespace waybill {

/// A violation that was not cleared yet.
struct kept_violation {
  violation what;
  /// Whose check found it.
  std::string unit;
  timestamp found_at;
};
BOOST_DESCRIBE_STRUCT(kept_violation, (), (what, unit, found_at))

/// What the auditor keeps in its stream. A plain value.
struct audit_progress {
  log_position position;
  std::uint64_t events = 0;
  std::uint64_t units = 0;
  /// How many were ever found, by invariant.
  std::vector<violation_count> found;
  std::vector<kept_violation> open;
  /// The walk under way, or the last one.
  std::optional<timestamp> walk_began;
  std::string walk_after;
  std::optional<timestamp> walked_at;
  timestamp saved_at;

  [[nodiscard]] bool is_walking() const { return walk_began && (!walked_at || *walked_at < *walk_began); }
  [[nodiscard]] bool is_open(const violation& found_now) const;
  void count(const std::string& invariant);
};
BOOST_DESCRIBE_STRUCT(audit_progress, (),
                      (position, events, units, found, open, walk_began, walk_after, walked_at, saved_at))

/// What a check of a unit changes.
struct audit_changes {
  violations found;
  std::vector<kept_violation> cleared;
};

/// Enters the result of a check of `unit`. Only a thorough check sees all violations: those that it does not see are
/// cleared. At most `most_open` are remembered.
audit_changes enter(audit_progress& progress, const std::string& unit, const violations& seen, bool thorough,
                    timestamp now, std::size_t most_open);

} // namespace waybill
