#pragma once

#include "messages/journal/append.hpp"
#include "messages/journal/entity_rows.hpp"

#include <optional>

namespace waybill {

/// What the database's row of an entity says of its work, as far as the entity knows: after a crash its next owner has
/// nothing else to go by. A plain value.
class known_row {
public:
  void note_loaded(const stored_entity& stored) { row_ = {stored.unfinished, stored.due, stored.in_line}; }
  /// A state is on its way to the row.
  void note_written(const entity_snapshot& snapshot) { row_ = {snapshot.unfinished, snapshot.due, snapshot.in_line}; }
  /// It may say anything.
  void forget() { row_.reset(); }

  /// The entity is about to act, and the row does not tell the next owner to load it at once.
  [[nodiscard]] bool hides_work() const { return !row_ || !row_->unfinished || row_->due; }

  /// Whether the stored row tells the next owner when to load the entity, neither too late nor needlessly.
  [[nodiscard]] bool tells(const entity_snapshot& wanted, timestamp now) const {
    if (!row_ || row_->unfinished != wanted.unfinished)
      return false;
    if (!wanted.unfinished)
      return true;
    return row_->in_line == wanted.in_line && row_->due && *row_->due > now
           && (!wanted.due || *row_->due <= *wanted.due);
  }

private:
  struct contents {
    bool unfinished = false;
    std::optional<timestamp> due;
    bool in_line = false;
  };

  std::optional<contents> row_;
};

} // namespace waybill
