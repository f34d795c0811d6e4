#pragma once

#include "messages/journal/event_log.hpp"
#include "messages/journal/webhook_rows.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace waybill {

/// The place just before an event, so that what lies behind it begins with the event.
log_position just_before(log_position position);

/// The messages of one endpoint that are pending, or whose end is not written down yet. A plain value; its owner brings
/// the time. A message is in here only after its row was written.
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

  /// The message that was due the longest of those that are, and marks it as in flight; null when none is.
  message* take_due(timestamp now);
  /// When the next one of those not in flight is due.
  [[nodiscard]] std::optional<timestamp> next_due() const;

  /// The rows that must be written, which are clean from here on.
  std::vector<webhook_delivery_row> take_dirty();
  /// The last rows that were taken may not have been written.
  void mark_dirty(const std::vector<webhook_delivery_row>& rows);
  /// Lets go of those that have ended and whose end is written.
  void drop_ended();

  [[nodiscard]] bool any_dirty() const;
  [[nodiscard]] std::size_t size() const { return messages_.size(); }
  [[nodiscard]] std::size_t in_flight() const;
  /// Those that are pending; the rest waits to be written down.
  [[nodiscard]] std::size_t pending() const;
  [[nodiscard]] bool contains(log_position position) const { return messages_.contains(position); }
  /// Of the pending ones.
  [[nodiscard]] std::optional<log_position> lowest() const;
  [[nodiscard]] std::optional<timestamp> oldest() const;

private:
  std::map<log_position, message> messages_;
};

} // namespace waybill
