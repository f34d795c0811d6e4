#pragma once

#include "domain/base/ids.hpp"
#include "domain/base/result.hpp"
#include "domain/base/time.hpp"
#include "domain/follower/follower.hpp"

#include <boost/describe/class.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// A webhook endpoint: an address of somebody else to which events are sent. This is what operators and admins decide
/// about it; domain/webhook/delivery.hpp is about the messages.
namespace waybill::webhook {

// -- events -----------------------------------------------------------------------------------------------------------

/// `types` as in the filters of event streams: exact, or a prefix and a star. Secrets are in no event.
struct created {
  static constexpr std::string_view type = "webhook.created";
  webhook_id webhook;
  std::string url;
  std::vector<std::string> types;
  std::string description;
};
BOOST_DESCRIBE_STRUCT(created, (), (webhook, url, types, description))

/// All of them as they are now.
struct updated {
  static constexpr std::string_view type = "webhook.updated";
  std::string url;
  std::vector<std::string> types;
  std::string description;
};
BOOST_DESCRIBE_STRUCT(updated, (), (url, types, description))

/// There is a new secret; until `previous_until` messages are signed with the one before it as well.
struct secret_rotated {
  static constexpr std::string_view type = "webhook.secret_rotated";
  std::optional<timestamp> previous_until;
};
BOOST_DESCRIBE_STRUCT(secret_rotated, (), (previous_until))

/// `reason`: `operator`; `gone`, the receiver answered 410; `failing`, no message was delivered for a whole schedule.
struct disabled {
  static constexpr std::string_view type = "webhook.disabled";
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(disabled, (), (reason))

/// Several attempts at a message have failed since `since`, and no other message was delivered meanwhile. Sending goes
/// on.
struct failing {
  static constexpr std::string_view type = "webhook.failing";
  timestamp since;
  std::string last_error;
};
BOOST_DESCRIBE_STRUCT(failing, (), (since, last_error))

/// A message was delivered again.
struct recovered {
  static constexpr std::string_view type = "webhook.recovered";
};
BOOST_DESCRIBE_STRUCT(recovered, (), ())

struct enabled {
  static constexpr std::string_view type = "webhook.enabled";
};
BOOST_DESCRIBE_STRUCT(enabled, (), ())

struct deleted {
  static constexpr std::string_view type = "webhook.deleted";
};
BOOST_DESCRIBE_STRUCT(deleted, (), ())

/// The delivery log of a deleted endpoint is removed.
struct purged {
  static constexpr std::string_view type = "webhook.purged";
};
BOOST_DESCRIBE_STRUCT(purged, (), ())

/// The events behind `after` and before `before` are sent again; both are positions of the log.
struct replay_requested {
  static constexpr std::string_view type = "webhook.replay_requested";
  std::string after;
  std::string before;
  std::vector<std::string> types;
};
BOOST_DESCRIBE_STRUCT(replay_requested, (), (after, before, types))

/// All events of the range are queued for sending.
struct replayed {
  static constexpr std::string_view type = "webhook.replayed";
};
BOOST_DESCRIBE_STRUCT(replayed, (), ())

using event = std::variant<created, updated, secret_rotated, disabled, failing, recovered, enabled, deleted, purged,
                           replay_requested, replayed>;

// -- state ------------------------------------------------------------------------------------------------------------

using follower::status;

struct replay_range {
  std::string after;
  std::string before;
  std::vector<std::string> types;
  friend bool operator==(const replay_range&, const replay_range&) = default;
};
BOOST_DESCRIBE_STRUCT(replay_range, (), (after, before, types))

/// What messages are signed with, written as `whsec_...`. An empty text is none.
struct secrets {
  std::string current;
  std::string previous;
  std::optional<timestamp> previous_until;
};

struct state : follower::state {
  webhook_id id;
  std::string url;
  /// Why it is disabled.
  std::string reason;
  /// Until when the previous secret is valid.
  std::optional<timestamp> previous_until;
  /// The range that is being sent again.
  std::optional<replay_range> replay;
  bool purged = false;
  /// Stored in a row of their own; not a part of the state's JSON and of no message.
  webhook::secrets keys;
};
BOOST_DESCRIBE_STRUCT(state, (),
                      (id, url, types, description, status, reason, failing_since, previous_until, replay, purged,
                       created_at, updated_at, version))

// -- commands ---------------------------------------------------------------------------------------------------------

struct create {
  webhook_id webhook;
  std::string url;
  std::vector<std::string> types;
  std::string description;
  std::string secret;
};
/// Absent fields stay as they are.
struct change {
  std::optional<std::string> url;
  std::optional<std::vector<std::string>> types;
  std::optional<std::string> description;
  std::optional<bool> enabled;
};
/// A previous secret is forgotten, even if it was still valid.
struct rotate {
  std::string secret;
  std::optional<timestamp> previous_until;
};
struct disable {
  std::string reason;
};
using follower::remove;
using follower::report_failing;
using follower::report_recovery;
struct purge {};
struct request_replay {
  replay_range range;
};
struct end_replay {};

using command = std::variant<create, change, rotate, disable, report_failing, report_recovery, remove, purge,
                             request_replay, end_replay>;

/// The events that `cmd` leads to; none when what it asks for already holds, so that every command is safe to repeat.
/// Fails with ec::not_found for one that is not there or was deleted, ec::duplicate for another one of the same id,
/// ec::illegal_transition for a replay while it is disabled, ec::conflict while another replay is under way.
result<std::vector<event>> decide(const state& current, const command& cmd);

/// The state after `recorded`.
void apply(state& current, const event& recorded, timestamp at);

/// Puts the secrets, which events leave out, into the state. Only for commands that lead to events, before these are
/// applied.
void take_private(state& current, const command& cmd);

} // namespace waybill::webhook
