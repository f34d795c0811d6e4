#pragma once

#include "messages/common.hpp"
#include "messages/journal/account_rows.hpp"
#include "messages/journal/event_log.hpp"
#include "messages/journal/product_rows.hpp"
#include "messages/journal/follower/sink_rows.hpp"
#include "messages/journal/follower/webhook_rows.hpp"

#include <boost/describe/class.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What is stored of entities of every kind, and the queries for it.
namespace waybill {

struct load_entity {
  entity_kind kind = entity_kind::order;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(load_entity, (), (kind, id))

/// `version` is zero when there is no such entity.
struct stored_entity {
  std::uint64_t version = 0;
  std::uint16_t schema = 1;
  std::string state;
  /// Events after the state, if the state is older than the stream.
  std::vector<stored_event> later;
  /// Of a product: the live reservations and those that can still be asked for.
  std::vector<reservation_row> reservations;
  std::optional<user_row> user;
  std::optional<webhook_row> webhook = {};
  /// Of what follows the log (notifier, auditor, webhook endpoint, trigger, sink): the generation of the log, to which
  /// the positions in the state belong.
  std::uint64_t generation = 0;
  /// As the state's row says; see entity_snapshot.
  bool unfinished = false;
  std::optional<timestamp> due = {};
  bool in_line = false;
  std::optional<sink_row> sink = {};
};
BOOST_DESCRIBE_STRUCT(stored_entity, (),
                      (version, schema, state, later, reservations, user, webhook, generation, unfinished, due,
                       in_line, sink))

/// An entity that has something unfinished, and when it is due; see entity_snapshot.
struct due_entity {
  timestamp due;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(due_entity, (), (due, id))

/// Unfinished entities of `kind` that are due by `until`: those in the middle of a step first, then by time. One page
/// is made from the next `limit` of all shards behind `after`, so that its cost is bounded; it holds those of `shards`
/// (empty: all of the 1024) and may be empty when others follow. With `in_line`: only those that stand in line.
struct list_due {
  entity_kind kind = entity_kind::order;
  std::vector<std::uint16_t> shards;
  timestamp until = timestamp::max();
  std::optional<due_entity> after;
  std::uint32_t limit = 1000;
  bool in_line = false;
};
BOOST_DESCRIBE_STRUCT(list_due, (), (kind, shards, until, after, limit, in_line))

struct due_page {
  std::vector<due_entity> entities;
  /// Where the next page begins; none: this was the last one.
  std::optional<due_entity> next;
};
BOOST_DESCRIBE_STRUCT(due_page, (), (entities, next))

/// A place in a list that is sorted by time and id.
struct list_place {
  timestamp time;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(list_place, (), (time, id))

/// The states (JSON) of a page of entities.
struct state_page {
  std::vector<std::string> states;
  bool more = false;
  /// Behind which the next page begins; none: behind the last state.
  std::optional<list_place> next = {};
};
BOOST_DESCRIBE_STRUCT(state_page, (), (states, more, next))

/// Answers when the database can be read.
struct check_store {};
BOOST_DESCRIBE_STRUCT(check_store, (), ())

} // namespace waybill
