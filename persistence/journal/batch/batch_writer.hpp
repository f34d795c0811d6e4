#pragma once

#include "persistence/database/bulk_statement.hpp"
#include "persistence/journal/batch/batch_plan.hpp"
#include "persistence/journal/batch/known_versions.hpp"
#include "persistence/journal/batch/list_writer.hpp"
#include "persistence/journal/batch/sink_writer.hpp"
#include "persistence/journal/batch/webhook_writer.hpp"
#include "persistence/log/log_watch.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>

namespace waybill {

/// Writes plans on one connection, with statements that are prepared once.
class batch_writer {
public:
  /// `node` is recorded with every event.
  batch_writer(connection& database, std::string node);

  /// Begins the transaction first when `begin` is set. False when another writer was first, or when what this one knew
  /// is too old to prove that none was: then the transaction must be rolled back. Throws what SOCI throws; see
  /// is_contention.
  bool write(const batch_plan& plan, bool begin);

  /// `plan` was the last that was written, and is committed.
  void note_committed(const batch_plan& plan);

  /// Of the last written plan with events: the first event of its last row.
  [[nodiscard]] const std::optional<known_event>& newest_row() const noexcept { return newest_row_; }

  /// Forgets the prepared statements; call it before the connection is dropped.
  void reset();

private:
  bool begin_if_needed();
  void add_events(const batch_plan& plan);
  void add_row(std::span<const event_write> events);
  void add_entities(const batch_plan& plan);
  void add_waits(const batch_plan& plan);
  /// What may be taken for known in the next transaction, if that is not known.
  void look_at_horizon();

  connection& database_;
  std::string node_;
  std::unique_ptr<bulk_writer> bulk_;
  std::optional<known_event> newest_row_;
  known_versions known_{8'192};
  // Written in this order.
  bulk_statement& appends_;
  /// Of streams that get events, but not the first state of an entity; before the states, which prove a version too.
  bulk_statement& version_checks_;
  /// That no event was removed from the log meanwhile; after the appends, whose keys are a proof only then.
  bulk_statement& horizon_check_;
  bulk_statement& new_entities_;
  bulk_statement& changed_entities_;
  /// After the states of the same batch: a wait counts only if nothing is newer.
  bulk_statement& waits_;
  list_writer lists_;
  webhook_writer webhooks_;
  sink_writer sinks_;
};

} // namespace waybill
