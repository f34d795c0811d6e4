#pragma once

#include "messages/common.hpp"
#include "messages/journal/log_position.hpp"

#include <boost/describe/class.hpp>

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

/// The event log: what is stored of an event, which events a reader asks for, and the queries.
namespace waybill {

struct stored_event {
  log_position position;
  std::string stream;
  std::uint64_t version = 0;
  std::string type;
  std::uint16_t schema = 1;
  timestamp at;
  std::string order;
  std::string customer;
  provenance origin;
  /// The node that wrote it.
  std::string node;
  /// A JSON object.
  std::string data;
};
BOOST_DESCRIBE_STRUCT(stored_event, (),
                      (position, stream, version, type, schema, at, order, customer, origin, node, data))

/// `evt_<stream>.<version>`: the same however often the event is read.
std::string event_id(const stored_event& event);

/// Selects events of the log; an empty member selects any.
struct event_filter {
  /// Exact types, or a prefix and a star: `order.*`, `*`.
  std::vector<std::string> types;
  std::string stream;
  /// An order's id: its own events and those of its payments and its delivery.
  std::string order;
  std::string customer;
  /// A courier's id: besides the events of `customer`, those of this courier and of deliveries that are offered or
  /// assigned to them.
  std::string courier = {};
  friend auto operator<=>(const event_filter&, const event_filter&) = default;
};
BOOST_DESCRIBE_STRUCT(event_filter, (), (types, stream, order, customer, courier))

/// The text in the data of an event about a delivery that says that the event is about this courier as well.
std::string mark_of_courier(const std::string& courier);

bool matches(const event_filter& filter, const stored_event& event);

/// How far a reader has seen one stream.
struct seen_stream {
  std::string stream;
  std::uint64_t version = 0;
  friend auto operator<=>(const seen_stream&, const seen_stream&) = default;
};
BOOST_DESCRIBE_STRUCT(seen_stream, (), (stream, version))

/// At most `limit` matching events behind `after`, in log order; none with a limit of zero, to check `after` alone.
/// Fails with ec::cursor_expired when events behind `after` were removed, or `after` is not of this log (beyond its
/// end, or of another history), so that no reader misses events without knowing; with `from_earliest` the page of this
/// generation then begins with the oldest event that is kept.
///
/// With `unsettled`, which needs an order in the filter, the page has all of its events that are committed, also those
/// that readers may not pass yet, because others that are not committed may come before them. Such an event has the
/// position `next` of its page, which stands before it: who goes on from there misses nothing. For the next page of the
/// same reading, `seen` is given as the page before had it.
struct read_log {
  log_position after;
  event_filter filter;
  std::uint32_t limit = 100;
  bool from_earliest = false;
  bool unsettled = false;
  std::vector<seen_stream> seen = {};
};
BOOST_DESCRIBE_STRUCT(read_log, (), (after, filter, limit, from_earliest, unsettled, seen))

/// `next`: the position for the next page; behind the last event of the page, or further when later events did not
/// match. `seen`: which events behind `next` the reader has got already.
struct log_page {
  std::vector<stored_event> events;
  log_position next;
  std::vector<seen_stream> seen = {};
};
BOOST_DESCRIBE_STRUCT(log_page, (), (events, next, seen))

/// The events of one stream behind `version`, the first `limit` of them, as soon as they are durable: unlike the log, a
/// stream may be read before it is known what else is being written.
struct read_stream_events {
  std::string stream;
  std::uint64_t version = 0;
  std::uint32_t limit = 1000;
};
BOOST_DESCRIBE_STRUCT(read_stream_events, (), (stream, version, limit))

struct stream_events {
  std::vector<stored_event> events;
};
BOOST_DESCRIBE_STRUCT(stream_events, (), (events))

/// The position behind the last event that can be read now.
struct get_log_end {};
BOOST_DESCRIBE_STRUCT(get_log_end, (), ())

} // namespace waybill
