#pragma once

#include "messages/common.hpp"
#include "messages/journal/account_rows.hpp"
#include "messages/journal/event_log.hpp"
#include "messages/journal/product_rows.hpp"
#include "messages/journal/webhook_rows.hpp"

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
  /// Of what follows the log (notifier, auditor, webhook endpoint): the generation of the log, to which the positions
  /// in the state belong.
  std::uint64_t generation = 0;
};
BOOST_DESCRIBE_STRUCT(stored_entity, (), (version, schema, state, later, reservations, user, webhook, generation))

/// Unfinished entities of `kind`, by id after `after`, at most `limit`; `shards` empty means all of the 1024.
struct list_unfinished {
  entity_kind kind = entity_kind::order;
  std::vector<std::uint16_t> shards;
  std::string after;
  std::uint32_t limit = 1000;
};
BOOST_DESCRIBE_STRUCT(list_unfinished, (), (kind, shards, after, limit))

struct unfinished_entity {
  std::string id;
  std::optional<timestamp> due;
};
BOOST_DESCRIBE_STRUCT(unfinished_entity, (), (id, due))

struct unfinished_page {
  std::vector<unfinished_entity> entities;
};
BOOST_DESCRIBE_STRUCT(unfinished_page, (), (entities))

/// The states (JSON) of a page of entities.
struct state_page {
  std::vector<std::string> states;
  bool more = false;
};
BOOST_DESCRIBE_STRUCT(state_page, (), (states, more))

/// Answers when the database can be read.
struct check_store {};
BOOST_DESCRIBE_STRUCT(check_store, (), ())

} // namespace waybill
