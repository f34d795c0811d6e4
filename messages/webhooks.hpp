#pragma once

#include "domain/webhook/endpoint.hpp"
#include "messages/common.hpp"
#include "messages/journal/follower/webhook_rows.hpp"

#include <optional>
#include <string>
#include <vector>

namespace waybill {

/// Only the answer to this command shows `secret`. The endpoint gets the events behind `start`.
struct create_webhook {
  webhook_id id;
  std::string url;
  std::vector<std::string> types;
  std::string description;
  std::string secret;
  log_position start;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(create_webhook, (), (id, url, types, description, secret, start, origin))

struct get_webhook {
  webhook_id id;
};
BOOST_DESCRIBE_STRUCT(get_webhook, (), (id))

/// Absent fields stay as they are.
struct change_webhook {
  webhook_id id;
  std::optional<std::string> url;
  std::optional<std::vector<std::string>> types;
  std::optional<std::string> description;
  std::optional<bool> enabled;
  /// Zero means any.
  std::uint64_t expected_version = 0;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(change_webhook, (), (id, url, types, description, enabled, expected_version, origin))

struct remove_webhook {
  webhook_id id;
  /// Zero means any.
  std::uint64_t expected_version = 0;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(remove_webhook, (), (id, expected_version, origin))

/// Until `previous_until` messages are signed with the previous secret as well.
struct rotate_webhook_secret {
  webhook_id id;
  std::string secret;
  std::optional<timestamp> previous_until;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(rotate_webhook_secret, (), (id, secret, previous_until, origin))

/// Sends the events behind `after` and before `before` again, but none behind the endpoint's own position. Empty
/// `types`: those of the endpoint.
struct replay_webhook {
  webhook_id id;
  log_position after;
  std::optional<log_position> before;
  std::vector<std::string> types;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(replay_webhook, (), (id, after, before, types, origin))

/// Sends one message again now, whether it was delivered or has failed.
struct retry_webhook_delivery {
  webhook_id id;
  std::string message;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(retry_webhook_delivery, (), (id, message, origin))

/// Sends a message of the type webhook.test now, once, to an endpoint that may be disabled. It is in no delivery log.
struct test_webhook {
  webhook_id id;
};
BOOST_DESCRIBE_STRUCT(test_webhook, (), (id))

/// Without secrets.
struct webhook_view {
  webhook::state state;
  webhook_progress progress;
};
BOOST_DESCRIBE_STRUCT(webhook_view, (), (state, progress))

// -- sending ----------------------------------------------------------------------------------------------------------

/// One attempt. Never leaves the node.
struct post_webhook {
  std::string url;
  std::string message;
  std::string timestamp;
  std::string signatures;
  std::string body;
  /// For everything; zero: as long as the client waits.
  milliseconds timeout{0};
  /// The trace that the event belongs to; may be empty.
  std::string traceparent = {};
};
BOOST_DESCRIBE_STRUCT(post_webhook, (), (url, message, timestamp, signatures, body, timeout, traceparent))

/// `status` is zero without an answer; then `error` says why.
struct webhook_answer {
  std::uint32_t status = 0;
  std::string retry_after;
  std::string error;
  milliseconds took{0};
};
BOOST_DESCRIBE_STRUCT(webhook_answer, (), (status, retry_after, error, took))

} // namespace waybill
