#pragma once

#include "messages/common.hpp"
#include "messages/journal/account_rows.hpp"
#include "messages/journal/delivery_rows.hpp"
#include "messages/journal/notification_rows.hpp"
#include "messages/journal/order_rows.hpp"
#include "messages/journal/product_rows.hpp"
#include "messages/journal/follower/sink_rows.hpp"
#include "messages/journal/follower/webhook_rows.hpp"

#include <boost/describe/class.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What actors ask the journal to write.
namespace waybill {

struct new_event {
  std::string type;
  /// The version of the form of `data`; readers upcast older ones.
  std::uint16_t schema = 1;
  /// A JSON object.
  std::string data;
  /// Where they are others than those of the append: an entity that writes of many orders has them with each event.
  std::string order = {};
  std::string customer = {};
};
BOOST_DESCRIBE_STRUCT(new_event, (), (type, schema, data, order, customer))

/// The entity's state after the events of the same append.
struct entity_snapshot {
  std::uint16_t schema = 1;
  /// A JSON object.
  std::string state;
  /// The entity has work that must continue after a restart.
  bool unfinished = false;
  /// Of one that is unfinished. None: it is in the middle of a step, and whoever owns it now loads it at once.
  /// Otherwise it only waits, for a message or for this time, and need not be in memory before.
  std::optional<timestamp> due;
  /// It waits for its turn, behind others of its kind that are due earlier; see wake_in_line.
  bool in_line = false;
};
BOOST_DESCRIBE_STRUCT(entity_snapshot, (), (schema, state, unfinished, due, in_line))

/// How an entity waits that is about to leave the memory. Its row says so from now on, unless there is a newer event
/// than `version`: then somebody else writes the entity, and this has no effect.
struct entity_wait {
  std::string id;
  std::uint64_t version = 0;
  entity_snapshot snapshot;
};
BOOST_DESCRIBE_STRUCT(entity_wait, (), (id, version, snapshot))

/// A change of a read model, written in the same transaction as the events. Rows replace those with the same key.
using row_change =
  std::variant<order_row, product_row, reservation_row, reservation_forgotten, notification_row, notification_read,
               user_row, service_key_row, courier_row, delivery_row, webhook_row, webhook_progress, webhook_removed,
               webhook_delivery_row, webhook_delivery_forgotten, stock_adjustment_row, entity_wait, sink_row,
               sink_progress, sink_removed>;

/// Adds events to a stream, all or none. `expected_version` is the stream's version before them (zero: it is new); the
/// events get the versions that follow. An append without events writes its snapshot and rows only, and is conditional
/// on `expected_version` all the same; with an empty `stream` it has rows only and is not conditional on anything.
struct append {
  entity_kind kind = entity_kind::order;
  std::string stream;
  std::uint64_t expected_version = 0;
  /// The caller knows that `expected_version` is committed, or that this append is void if it is not. Then the version
  /// need not be looked up first: the transaction that writes proves it (docs/adr/0026). Example: version 7 is
  /// committed, and what would be version 8 is refused when somebody else has written that.
  bool version_was_seen = false;
  /// The append group: appends of one entity that are sent without waiting for each other have the same number, which
  /// no other group has; zero: no group. When one is refused, those behind it are refused too, because they build on
  /// it.
  std::uint64_t group = 0;
  /// The epoch of the node's appends in which this one was placed; see append_sequence. When that has ended, the append
  /// is void: it is refused with ec::conflict. Zero: it builds on nothing but what is durable.
  std::uint64_t epoch = 0;
  /// The generation of the log that has what it builds on; in a log of another generation it is refused with
  /// ec::conflict. None: it builds on nothing in the log.
  std::optional<std::uint64_t> generation = {};
  /// Others build on the append before it is durable: when it is refused, its epoch ends.
  bool is_built_on = false;
  timestamp at;
  /// The order and the customer of the events, for filters; may be empty.
  std::string order;
  std::string customer;
  provenance origin;
  std::vector<new_event> events;
  std::optional<entity_snapshot> snapshot;
  std::vector<row_change> rows;
};
BOOST_DESCRIBE_STRUCT(append, (),
                      (kind, stream, expected_version, version_was_seen, group, epoch, generation, is_built_on, at,
                       order, customer, origin, events, snapshot, rows))

/// The order and the customer that `event` of `request` concerns; empty: none.
[[nodiscard]] inline const std::string& order_of(const append& request, const new_event& event) noexcept {
  return event.order.empty() ? request.order : event.order;
}
[[nodiscard]] inline const std::string& customer_of(const append& request, const new_event& event) noexcept {
  return event.customer.empty() ? request.customer : event.customer;
}

struct appended {
  std::uint64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(appended, (), (version))

} // namespace waybill
