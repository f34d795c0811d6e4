#pragma once

#include "actors/entity/services.hpp"
#include "actors/entity/settings.hpp"
#include "domain/webhook/delivery.hpp"
#include "outbound/http_client.hpp"

#include <cstdint>
#include <memory>

namespace waybill {

struct webhook_settings {
  webhook::delivery_settings delivery;
  /// Attempts of one endpoint that are under way at once.
  std::uint32_t max_in_flight = 16;
  /// Messages of one endpoint that are pending; at this many nothing more is read: the log is the queue.
  std::uint32_t max_backlog = 1'000;
  std::uint32_t page_size = 100;
  /// So many attempts at a message make an endpoint one that is failing, when no other message got through meanwhile.
  std::uint32_t failing_after = 3;
  /// How long the receiver of a test message has; somebody waits for the answer.
  milliseconds test_timeout{5'000};
  /// How long the event feed is waited for at a time.
  milliseconds feed_wait{10'000};
  /// After a failure of the database, or of the feed.
  milliseconds pause{1'000};
  /// How often ended messages are looked for that can be forgotten, and a cursor that has only passed what the endpoint
  /// does not want is written down.
  milliseconds sweep{30'000};
  /// Ended messages stay in the delivery log for so long.
  milliseconds keep{std::chrono::hours{24 * 30}};
  /// Which URLs may be called; others are refused when an endpoint is created or changed, and again, with the
  /// addresses of its host, at each attempt.
  outbound::target_policy targets = outbound::target_policy::public_only;
  region_settings region;
};

/// The webhook endpoints of this node; see spawn_region. `feed` is the node's event feed, `sender` makes the requests.
/// Both may be null on nodes that own no endpoints.
webhook_region_actor spawn_webhook_region(caf::actor_system& sys, const entity_services& services,
                                          const webhook_settings& settings, const event_feed_actor& feed,
                                          const webhook_sender_actor& sender);

/// Makes the requests of this node's endpoints. `client` must be stopped before the actor system ends; it has the
/// policy of targets. With a `tracer`, messages about events of sampled traces are spans and carry a traceparent. Ends
/// with send_exit.
webhook_sender_actor spawn_webhook_sender(caf::actor_system& sys, std::shared_ptr<outbound::http_client> client,
                                          std::shared_ptr<tracing::tracer> tracer = nullptr);

} // namespace waybill
