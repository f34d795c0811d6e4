#pragma once

#include "domain/sink/sink.hpp"
#include "messages/common.hpp"
#include "messages/journal/event_log.hpp"
#include "messages/journal/follower/sink_rows.hpp"

#include <boost/describe/class.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// Sinks: brokers of others to which events are published.
namespace waybill {

/// The sink gets the events behind `start`.
struct create_sink {
  sink_id id;
  sink::target target;
  std::vector<std::string> types;
  std::string description;
  std::string password;
  log_position start;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(create_sink, (), (id, target, types, description, password, start, origin))

struct get_sink {
  sink_id id;
};
BOOST_DESCRIBE_STRUCT(get_sink, (), (id))

/// Absent fields stay as they are.
struct change_sink {
  sink_id id;
  std::optional<std::string> url;
  std::optional<std::string> destination;
  std::optional<std::string> user;
  std::optional<std::vector<std::string>> types;
  std::optional<std::string> description;
  /// Empty: none any more.
  std::optional<std::string> password;
  std::optional<bool> enabled;
  /// Zero means any.
  std::uint64_t expected_version = 0;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(change_sink, (),
                      (id, url, destination, user, types, description, password, enabled, expected_version, origin))

struct remove_sink {
  sink_id id;
  /// Zero means any.
  std::uint64_t expected_version = 0;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(remove_sink, (), (id, expected_version, origin))

/// Without the password.
struct sink_view {
  sink::state state;
  sink_progress progress;
};
BOOST_DESCRIBE_STRUCT(sink_view, (), (state, progress))

// -- publishing -------------------------------------------------------------------------------------------------------

struct sink_batch {
  sink::target target;
  std::string password;
  std::vector<std::shared_ptr<const stored_event>> events;
};

/// Never leaves the node, and is printed by nobody: it has the password.
struct publish_batch {
  sink_id id;
  std::shared_ptr<const sink_batch> batch;
};

} // namespace waybill
