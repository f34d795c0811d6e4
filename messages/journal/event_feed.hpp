#pragma once

#include "messages/journal/event_log.hpp"

#include <boost/describe/class.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

/// Following the event log on one node.
namespace waybill {

/// New events may be in the log.
struct log_advanced {};
BOOST_DESCRIBE_STRUCT(log_advanced, (), ())

/// Asks the node's event feed for the events behind `after`. It answers at once when there are some; otherwise when one
/// comes, or with an empty page after `wait`. Fails like read_log. With `wait` zero the page may be empty long before
/// the end of the log. Of one `asker`, the log is read for one request at a time, and the askers take turns.
struct read_feed {
  log_position after;
  event_filter filter;
  std::uint32_t limit = 100;
  milliseconds wait{0};
  bool from_earliest = false;
  /// Who pays for the reading: a caller, a webhook endpoint.
  std::string asker = {};
};
BOOST_DESCRIBE_STRUCT(read_feed, (), (after, filter, limit, wait, from_earliest, asker))

/// The events are shared by all subscribers of the node, so a page is never sent to another node.
struct feed_page {
  std::vector<std::shared_ptr<const stored_event>> events;
  log_position next;
};

} // namespace waybill
