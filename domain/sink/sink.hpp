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

/// A sink: a message broker of somebody else to which events are published. This is what operators and admins decide
/// about it.
namespace waybill::sink {

/// Where the events go. `url` as parse_address takes it; `destination`: the exchange, the topic or the key of the
/// stream; an empty `user`: none.
struct target {
  std::string url;
  std::string destination;
  std::string user;
  friend bool operator==(const target&, const target&) = default;
};
BOOST_DESCRIBE_STRUCT(target, (), (url, destination, user))

// -- events -----------------------------------------------------------------------------------------------------------

/// `types` as in the filters of event streams: exact, or a prefix and a star. The password is in no event.
struct created {
  static constexpr std::string_view type = "sink.created";
  sink_id sink;
  sink::target target;
  std::vector<std::string> types;
  std::string description;
};
BOOST_DESCRIBE_STRUCT(created, (), (sink, target, types, description))

/// All of them as they are now.
struct updated {
  static constexpr std::string_view type = "sink.updated";
  sink::target target;
  std::vector<std::string> types;
  std::string description;
};
BOOST_DESCRIBE_STRUCT(updated, (), (target, types, description))

/// There is another password, or none any more.
struct password_changed {
  static constexpr std::string_view type = "sink.password_changed";
};
BOOST_DESCRIBE_STRUCT(password_changed, (), ())

/// Nothing is published until it is enabled again.
struct disabled {
  static constexpr std::string_view type = "sink.disabled";
};
BOOST_DESCRIBE_STRUCT(disabled, (), ())

struct enabled {
  static constexpr std::string_view type = "sink.enabled";
};
BOOST_DESCRIBE_STRUCT(enabled, (), ())

/// Several attempts to publish have failed since `since`, and nothing was published meanwhile. Trying goes on.
struct failing {
  static constexpr std::string_view type = "sink.failing";
  timestamp since;
  std::string last_error;
};
BOOST_DESCRIBE_STRUCT(failing, (), (since, last_error))

/// Events were published again.
struct recovered {
  static constexpr std::string_view type = "sink.recovered";
};
BOOST_DESCRIBE_STRUCT(recovered, (), ())

struct deleted {
  static constexpr std::string_view type = "sink.deleted";
};
BOOST_DESCRIBE_STRUCT(deleted, (), ())

using event = std::variant<created, updated, password_changed, disabled, enabled, failing, recovered, deleted>;

// -- state ------------------------------------------------------------------------------------------------------------

using follower::status;

struct state : follower::state {
  sink_id id;
  sink::target target;
  /// Empty: none. Stored in a row of its own; not a part of the state's JSON and of no answer.
  std::string password;
};
BOOST_DESCRIBE_STRUCT(state, (),
                      (id, target, types, description, status, failing_since, created_at, updated_at, version))

// -- commands ---------------------------------------------------------------------------------------------------------

struct create {
  sink_id sink;
  sink::target target;
  std::vector<std::string> types;
  std::string description;
  std::string password;
};
/// Absent fields stay as they are; an empty password removes it. A password is given to nobody else: whoever changes
/// the servers of a sink that has one must give it again.
struct change {
  std::optional<std::string> url;
  std::optional<std::string> destination;
  std::optional<std::string> user;
  std::optional<std::vector<std::string>> types;
  std::optional<std::string> description;
  std::optional<std::string> password;
  std::optional<bool> enabled;
};
using follower::remove;
using follower::report_failing;
using follower::report_recovery;

using command = std::variant<create, change, report_failing, report_recovery, remove>;

/// The events that `cmd` leads to; none when what it asks for already holds, so that every command is safe to repeat.
/// Fails with ec::not_found for one that is not there or was deleted, ec::duplicate for another one of the same id,
/// ec::invalid_argument for a target that cannot be one, and for another URL without the password.
result<std::vector<event>> decide(const state& current, const command& cmd);

/// The state after `recorded`.
void apply(state& current, const event& recorded, timestamp at);

/// Puts the password, which events leave out, into the state. Only for commands that lead to events, before these are
/// applied.
void take_private(state& current, const command& cmd);

} // namespace waybill::sink
