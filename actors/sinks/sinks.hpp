#pragma once

#include "actors/entity/services.hpp"
#include "actors/entity/settings.hpp"
#include "actors/support/backoff.hpp"
#include "brokers/make_publisher.hpp"
#include "messages/sinks/sink_actors.hpp"
#include "messages/supervision.hpp"

#include <caf/fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace waybill {

struct sink_settings {
  /// Events that are published, and confirmed, together.
  std::uint32_t batch = 500;
  /// Batches of one sink in memory: the one that is published, and those that are read meanwhile.
  std::size_t max_batches = 2;
  /// Between attempts to publish a batch.
  retry_settings retry{milliseconds{500}, milliseconds{30'000}};
  /// So many attempts in a row that came to nothing make a sink one that is failing.
  std::uint32_t failing_after = 3;
  /// How long the event feed is waited for at a time.
  milliseconds feed_wait{10'000};
  /// After a failure of the database, or of the feed.
  milliseconds pause{1'000};
  /// Between two writes of the cursor: events that come one by one do not cost a write each.
  milliseconds write_interval{100};
  /// How often a cursor is written down that has only passed what the sink does not want.
  milliseconds sweep{30'000};
  /// Which servers may be reached; others are refused when a sink is created or changed, and again, with the addresses
  /// of their names, at each connection.
  outbound::target_policy targets = outbound::target_policy::public_only;
  region_settings region = {};
};

/// The sinks of this node; see spawn_region. `feed` is the node's event feed, `publisher` talks to the brokers. The
/// publisher may be null on a node without the role.
sink_region_actor spawn_sink_region(caf::actor_system& sys, const entity_services& services,
                                    const sink_settings& settings, const event_feed_actor& feed,
                                    const sink_publisher_actor& publisher);

struct sink_publisher_settings {
  brokers::connection_settings connections;
  /// A connection that nothing was published over for so long is closed, and its thread ends.
  milliseconds max_idle{60'000};
};

/// Makes the connection to a broker; tests bring their own.
using publisher_factory = std::function<std::unique_ptr<brokers::publisher>(
  brokers::target, const brokers::connection_settings&, brokers::stop_flag)>;

/// Talks to the brokers of this node's sinks, each on a thread of its own, because it blocks. Ends with send_exit; what
/// is under way then ends at once.
sink_publisher_actor spawn_sink_publisher(caf::actor_system& sys, const sink_publisher_settings& settings,
                                          publisher_factory make = brokers::make_publisher);

} // namespace waybill
