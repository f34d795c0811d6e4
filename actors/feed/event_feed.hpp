#pragma once

#include "domain/base/time.hpp"
#include "messages/actors.hpp"

#include <caf/fwd.hpp>

#include <cstddef>
#include <cstdint>

namespace waybill {

struct event_feed_settings {
  /// How many of the latest events are kept in memory for subscribers that are up to date.
  std::size_t tail_size = 8'192;
  std::uint32_t page_size = 1'000;
  /// How often the log is read while there are waiters and no hint comes (events of other nodes).
  milliseconds poll_interval{100};
  /// A tail that was not read for so long and turns out to be more than a page behind begins anew at the end of the
  /// log: what comes now goes out now, and those who have not seen what is in between read it from the log.
  milliseconds stale_after{1'000};
  /// Reads of the log that are under way at once for those who are behind.
  std::size_t catch_up_reads = 1;
};

/// Follows the log for all subscribers of a node. Subscribers pull: each asks for the events behind its own position,
/// so a slow one costs nothing but its next request, and none can miss an event. A subscriber that is up to date is
/// served from the tail in memory, which is read from the log once for all; one that is behind reads the log itself, in
/// turn with the others (catch_up_queue), and no longer than its asker waits. Ends with send_exit.
event_feed_actor spawn_event_feed(caf::actor_system& sys, const event_feed_settings& settings,
                                  const reader_actor& reader);

} // namespace waybill
