#pragma once

#include "messages/journal/event_log.hpp"
#include "messages/journal/follower/webhook_rows.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace waybill {

/// The position just before an event: a reader that goes on from it reads the event first.
log_position just_before(log_position position);

/// The messages of one endpoint that are pending, or that have ended and whose row is not written yet. A plain value;
/// its owner brings the time. A message is added only after its row was written.
class webhook_backlog {
public:
  struct message {
    webhook_delivery_row row;
    /// Null: to be read from the log again.
    std::shared_ptr<const stored_event> event;
    bool in_flight = false;
    /// The row has changed since it was last taken for writing.
    bool dirty = false;
  };

  void add(webhook_delivery_row row, std::shared_ptr<const stored_event> event);
  [[nodiscard]] message* find(log_position position);
  [[nodiscard]] message* find(const std::string& message_id);

  /// Takes the message that has been due the longest and marks it as in flight; null when none is due.
  message* take_due(timestamp now);
  /// When the next message is due that is not in flight.
  [[nodiscard]] std::optional<timestamp> next_due() const;

  /// Takes the rows that must be written; their messages are no longer dirty.
  std::vector<webhook_delivery_row> take_dirty();
  /// The last rows that were taken may not have been written.
  void mark_dirty(const std::vector<webhook_delivery_row>& rows);
  /// Removes messages that have ended and whose row is written.
  void drop_ended();

  [[nodiscard]] bool any_dirty() const;
  [[nodiscard]] std::size_t size() const { return messages_.size(); }
  [[nodiscard]] std::size_t in_flight() const;
  /// How many are pending; the others have ended and wait to be written.
  [[nodiscard]] std::size_t pending() const;
  [[nodiscard]] bool contains(log_position position) const { return messages_.contains(position); }
  /// The lowest position, and the oldest time, of the pending messages.
  [[nodiscard]] std::optional<log_position> lowest() const;
  [[nodiscard]] std::optional<timestamp> oldest() const;

private:
  std::map<log_position, message> messages_;
};

} // namespace waybill
