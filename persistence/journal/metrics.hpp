#pragma once

#include <caf/fwd.hpp>
#include <caf/telemetry/counter.hpp>
#include <caf/telemetry/gauge.hpp>
#include <caf/telemetry/histogram.hpp>

namespace waybill {

/// What the journals of an actor system count together; exported as waybill_journal_*. Thread-safe.
struct journal_metrics {
  explicit journal_metrics(caf::actor_system& sys);

  caf::telemetry::int_counter* commits;
  caf::telemetry::int_counter* appends;
  caf::telemetry::int_counter* events;
  /// Appends that lost against another writer of their stream: waybill_journal_fenced_writes_total.
  caf::telemetry::int_counter* fenced_writes;
  /// Commits that could not be done because the database was away.
  caf::telemetry::int_counter* failed_commits;
  /// What waits for a commit, or is in it, and what was refused because too much of it does.
  caf::telemetry::int_gauge* pending_appends;
  caf::telemetry::int_gauge* pending_octets;
  caf::telemetry::int_counter* refused_appends;
  /// How often what was placed became void, because an append before it was refused; see append_sequence.
  caf::telemetry::int_counter* ended_epochs;
  caf::telemetry::dbl_histogram* commit_seconds;
  caf::telemetry::int_histogram* batch_size;
  /// Bytes of the appends of one commit.
  caf::telemetry::int_histogram* commit_size;
};

} // namespace waybill
