#pragma once

#include "messages/common.hpp"
#include "messages/journal/follower/follower_progress.hpp"

#include <boost/describe/class.hpp>

#include <cstdint>
#include <string>
#include <vector>

/// What is stored of sinks apart from their events, and the query for it.
namespace waybill {

/// Which events a sink has published: those of its types up to the cursor are confirmed by the broker; those behind it
/// must be kept.
struct sink_progress : follower_progress {};
BOOST_DESCRIBE_STRUCT(sink_progress, (), (id, cursor, last_success_at, last_failure_at, last_error))

/// What the events of a sink leave out. `progress` is used only when the row is new; later it is written as
/// sink_progress.
struct sink_row {
  std::string id;
  std::string password;
  sink_progress progress;
};
BOOST_DESCRIBE_STRUCT(sink_row, (), (id, password, progress))

/// The password of a deleted sink is forgotten at once.
struct sink_removed {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(sink_removed, (), (id))

/// Sorted by id, without passwords. Sinks that were deleted are left out.
struct list_sinks {
  std::string cursor_id;
  std::uint32_t limit = 50;
};
BOOST_DESCRIBE_STRUCT(list_sinks, (), (cursor_id, limit))

struct stored_sink {
  /// JSON.
  std::string state;
  sink_progress progress;
};
BOOST_DESCRIBE_STRUCT(stored_sink, (), (state, progress))

struct sink_page {
  std::vector<stored_sink> sinks;
  bool more = false;
};
BOOST_DESCRIBE_STRUCT(sink_page, (), (sinks, more))

} // namespace waybill
