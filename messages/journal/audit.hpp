#pragma once

#include "domain/base/time.hpp"
#include "domain/base/violation.hpp"
#include "messages/journal/log_position.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Checking that the invariants I1 to I7 hold on what is stored.
namespace waybill {

// -- one unit ---------------------------------------------------------------------------------------------------------

/// An audit unit is what is checked together, named by one id: an order with its payments, delivery and reservations, a
/// product with its reservations, a stream of another kind, or, as `ledger:<key>`, an entry of the payment provider's
/// ledger.
struct check_audit_unit {
  std::string id;
  /// Replays the whole stream. Otherwise a long stream is checked only from its version at the first check.
  bool thorough = false;
};
BOOST_DESCRIBE_STRUCT(check_audit_unit, (), (id, thorough))

struct audit_unit_report {
  violations found;
  /// Rows that were read.
  std::uint64_t rows = 0;
  /// Events that were replayed.
  std::uint64_t events = 0;
};
BOOST_DESCRIBE_STRUCT(audit_unit_report, (), (found, rows, events))

/// The unit that a stream belongs to.
std::string audit_unit_of(const std::string& stream);

/// The units behind `after`, in a fixed order; empty: from the beginning.
struct list_audit_units {
  std::string after;
  std::uint32_t limit = 100;
};
BOOST_DESCRIBE_STRUCT(list_audit_units, (), (after, limit))

/// Without units: there are no more.
struct audit_unit_page {
  std::vector<std::string> units;
};
BOOST_DESCRIBE_STRUCT(audit_unit_page, (), (units))

// -- reports ----------------------------------------------------------------------------------------------------------

/// A violation that was there at the last check.
struct open_violation {
  waybill::violation violation;
  timestamp found_at;
};
BOOST_DESCRIBE_STRUCT(open_violation, (), (violation, found_at))

/// How many violations of one invariant were ever found.
struct violation_count {
  std::string invariant;
  std::uint64_t found = 0;
};
BOOST_DESCRIBE_STRUCT(violation_count, (), (invariant, found))

/// Asks the cluster's auditor for its report.
struct get_audit_report {};
BOOST_DESCRIBE_STRUCT(get_audit_report, (), ())

struct audit_report {
  /// Oldest first; when very many are open, only the first.
  std::vector<open_violation> open;
  std::vector<violation_count> found;
  std::uint64_t events = 0;
  std::uint64_t units = 0;
  /// The log is checked up to here; `behind` is the age of the first event that is not, zero when there is none.
  log_position position;
  milliseconds behind{0};
  /// When the last check of all units ended; nothing before the first.
  std::optional<timestamp> walked_at;
  /// When the auditor last stored its position; nothing when no auditor has stored one.
  std::optional<timestamp> saved_at;
};
BOOST_DESCRIBE_STRUCT(audit_report, (), (open, found, events, units, position, behind, walked_at, saved_at))

/// Checks all units once, on the node that is asked; it answers at once with the progress. Repeat the request with the
/// same `token`: a check is ended when it is not asked for any more.
struct run_full_audit {
  std::uint64_t token = 0;
};
BOOST_DESCRIBE_STRUCT(run_full_audit, (), (token))

struct full_audit_progress {
  bool done = false;
  /// The last unit that was checked.
  std::string at;
  std::uint64_t units = 0;
  std::uint64_t events = 0;
  /// How many were found; `found` holds the first of them.
  std::uint64_t total_found = 0;
  violations found;
};
BOOST_DESCRIBE_STRUCT(full_audit_progress, (), (done, at, units, events, total_found, found))

} // namespace waybill
