#pragma once

#include "domain/webhook/delivery.hpp"
#include "messages/journal/follower/follower_progress.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What is stored of webhook endpoints apart from their events, and the queries for it.
namespace waybill {

/// Which events an endpoint has got: those of its types up to the cursor are among its deliveries.
struct webhook_progress : follower_progress {
  /// Events behind this position must be kept: it is `cursor`, or an earlier position while messages from there are
  /// retried or replayed.
  log_position needed_after;
  /// The position of the replay under way.
  log_position replayed_to;
  /// Deliveries that are pending.
  std::uint32_t backlog = 0;
};
BOOST_DESCRIBE_STRUCT(webhook_progress, (),
                      (id, cursor, needed_after, replayed_to, backlog, last_success_at, last_failure_at, last_error))

/// What the events of an endpoint leave out. `progress` is used only when the row is new; later it is written as
/// webhook_progress.
struct webhook_row {
  std::string id;
  bool enabled = true;
  /// `whsec_...`.
  std::string secret;
  std::string previous_secret;
  std::optional<timestamp> previous_until;
  webhook_progress progress;
};
BOOST_DESCRIBE_STRUCT(webhook_row, (), (id, enabled, secret, previous_secret, previous_until, progress))

/// The secrets of a deleted endpoint are forgotten at once.
struct webhook_removed {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(webhook_removed, (), (id))

/// A message to an endpoint: the event at `position`.
struct webhook_delivery_row {
  std::string endpoint;
  log_position position;
  /// The `webhook-id`.
  std::string message;
  std::string stream;
  std::uint64_t version = 0;
  /// The event's.
  std::string type;
  webhook::delivery delivery;
};
BOOST_DESCRIBE_STRUCT(webhook_delivery_row, (), (endpoint, position, message, stream, version, type, delivery))

struct webhook_delivery_forgotten {
  std::string endpoint;
  log_position position;
};
BOOST_DESCRIBE_STRUCT(webhook_delivery_forgotten, (), (endpoint, position))

/// Sorted by id, without secrets. Endpoints that were deleted are left out.
struct list_webhooks {
  std::string cursor_id;
  std::uint32_t limit = 50;
};
BOOST_DESCRIBE_STRUCT(list_webhooks, (), (cursor_id, limit))

struct stored_webhook {
  /// JSON.
  std::string state;
  webhook_progress progress;
};
BOOST_DESCRIBE_STRUCT(stored_webhook, (), (state, progress))

struct webhook_page {
  std::vector<stored_webhook> webhooks;
  bool more = false;
};
BOOST_DESCRIBE_STRUCT(webhook_page, (), (webhooks, more))

/// The latest event first, or with `oldest_first` the other way round.
struct list_webhook_deliveries {
  std::string endpoint;
  std::optional<webhook::delivery_status> status;
  /// Only this message; empty: any.
  std::string message;
  /// Only those that changed before, and are not pending.
  std::optional<timestamp> ended_before;
  /// The position of the last one of the page before.
  std::optional<log_position> cursor;
  bool oldest_first = false;
  std::uint32_t limit = 50;
};
BOOST_DESCRIBE_STRUCT(list_webhook_deliveries, (),
                      (endpoint, status, message, ended_before, cursor, oldest_first, limit))

struct webhook_delivery_page {
  std::vector<webhook_delivery_row> deliveries;
  bool more = false;
};
BOOST_DESCRIBE_STRUCT(webhook_delivery_page, (), (deliveries, more))

} // namespace waybill
