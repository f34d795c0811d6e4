#pragma once

#include "messages/journal/audit.hpp"
#include "messages/journal/event_log.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

namespace waybill {

/// The units of events that were read but are not checked yet. A unit with another event before its turn moves to the
/// page of that event: an order is checked once instead of with each of its events. A plain value; it is bounded by its
/// owner, which reads only while `events` is small.
class audit_window {
public:
  /// Starts anew behind `position`.
  void reset(log_position position);

  /// Adds a page that was read from `end()` on.
  void add(const log_page& page);

  /// A unit of the oldest page; nothing when none is left of it.
  [[nodiscard]] std::optional<std::string> front() const;
  /// The unit was looked at.
  void done(const std::string& unit);

  /// Everything up to `position` was checked; it moves when all units of the oldest pages are done. `checked` events
  /// lie between the former position and this one.
  struct progress {
    log_position position;
    std::uint64_t checked = 0;
  };
  progress advance();

  /// Where to read on.
  [[nodiscard]] log_position end() const { return end_; }
  [[nodiscard]] std::size_t events() const { return events_; }
  /// When the oldest event that is not checked was written.
  [[nodiscard]] std::optional<timestamp> oldest() const;

private:
  struct page_units {
    log_position end;
    std::size_t events = 0;
    timestamp begin;
    std::set<std::string> units;
  };

  log_position position_;
  log_position end_;
  std::deque<page_units> pages_;
  /// The number of the oldest page, and of the page that each unit is in.
  std::uint64_t first_ = 0;
  std::unordered_map<std::string, std::uint64_t> page_of_;
  std::size_t events_ = 0;
};

} // namespace waybill
