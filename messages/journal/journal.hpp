#pragma once

#include "domain/product.hpp"
#include "messages/common.hpp"
#include "messages/journal/log_position.hpp"
#include "messages/journal/webhook_rows.hpp"

#include <compare>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What actors and the journal say to each other, and the queries that readers answer.
namespace waybill {

// -- writing ----------------------------------------------------------------------------------------------------------

struct new_event {
  std::string type;
  /// The version of the form of `data`; readers upcast older ones.
  std::uint16_t schema = 1;
  /// A JSON object.
  std::string data;
};
BOOST_DESCRIBE_STRUCT(new_event, (), (type, schema, data))

/// The entity's state after the events of the same append.
struct entity_snapshot {
  std::uint16_t schema = 1;
  /// A JSON object.
  std::string state;
  /// Has something under way that must go on after a restart.
  bool unfinished = false;
  /// When the entity must act by itself, at the latest.
  std::optional<timestamp> due;
};
BOOST_DESCRIBE_STRUCT(entity_snapshot, (), (schema, state, unfinished, due))

/// What lists of orders filter and sort by.
struct order_row {
  std::string id;
  std::string customer;
  std::string status;
  timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(order_row, (), (id, customer, status, created_at))

/// What lists of products filter and sort by; `sku` is unique among all products.
struct product_row {
  std::string id;
  std::string sku;
  std::string name;
  bool withdrawn = false;
};
BOOST_DESCRIBE_STRUCT(product_row, (), (id, sku, name, withdrawn))

struct reservation_row {
  std::string product;
  std::string order;
  product::reservation reservation;
};
BOOST_DESCRIBE_STRUCT(reservation_row, (), (product, order, reservation))

struct reservation_forgotten {
  std::string product;
  std::string order;
};
BOOST_DESCRIBE_STRUCT(reservation_forgotten, (), (product, order))

struct notification_row {
  std::string id;
  std::string customer;
  std::string order;
  /// The type of the event it is about, as in `order.confirmed`.
  std::string kind;
  std::string text;
  timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(notification_row, (), (id, customer, order, kind, text, created_at))

/// Marks one notification of the customer as read, or all of them when `id` is empty.
struct notification_read {
  std::string customer;
  std::string id;
  timestamp read_at;
};
BOOST_DESCRIBE_STRUCT(notification_read, (), (customer, id, read_at))

/// What the events of a user leave out; `email` is unique among all users.
struct user_row {
  std::string id;
  std::string email;
  std::string name;
  std::string password_hash;
  /// Words with commas between them.
  std::string roles;
  bool disabled = false;
  timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(user_row, (), (id, email, name, password_hash, roles, disabled, created_at))

/// A machine's key, known by the hash of its secret.
struct service_key_row {
  std::string id;
  std::string name;
  /// Hexadecimal SHA-256 of the token.
  std::string token_hash;
  /// Words with commas between them.
  std::string roles;
  std::string created_by;
  timestamp created_at;
  std::optional<timestamp> expires_at;
  std::optional<timestamp> revoked_at;
};
BOOST_DESCRIBE_STRUCT(service_key_row, (),
                      (id, name, token_hash, roles, created_by, created_at, expires_at, revoked_at))

/// What lists of couriers, and the search for one who has time, filter and sort by.
struct courier_row {
  std::string id;
  bool online = false;
  bool removed = false;
  std::uint32_t capacity = 1;
  /// How many deliveries they have.
  std::uint32_t active = 0;
  timestamp changed_at;
};
BOOST_DESCRIBE_STRUCT(courier_row, (), (id, online, removed, capacity, active, changed_at))

/// What lists of deliveries filter and sort by.
struct delivery_row {
  std::string id;
  /// Empty while nobody has it.
  std::string courier;
  std::string status;
  timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(delivery_row, (), (id, courier, status, created_at))

/// A change of a read model, written in the same transaction as the events. Rows replace those with the same key.
using row_change = std::variant<order_row, product_row, reservation_row, reservation_forgotten, notification_row,
                                notification_read, user_row, service_key_row, courier_row, delivery_row, webhook_row,
                                webhook_progress, webhook_removed, webhook_delivery_row, webhook_delivery_forgotten>;

/// Adds events to a stream, all or none. `expected_version` is the stream's version before them (zero: it is new); the
/// events get the versions that follow. An append without events writes its snapshot and rows only, and is conditional
/// on `expected_version` all the same; with an empty `stream` it has rows only and is not conditional on anything.
struct append {
  entity_kind kind = entity_kind::order;
  std::string stream;
  std::uint64_t expected_version = 0;
  /// The caller has seen `expected_version` committed. Then a free place behind it proves that the stream is at it, and
  /// nobody needs to look.
  bool version_was_seen = false;
  /// The append group: appends of one entity that are decided together, each built on the one before, share a number
  /// that no other group has; zero: none. When one of them is refused, so are those behind it.
  std::uint64_t group = 0;
  timestamp at;
  /// Whom the events are about, for filters; may be empty.
  std::string order;
  std::string customer;
  provenance origin;
  std::vector<new_event> events;
  std::optional<entity_snapshot> snapshot;
  std::vector<row_change> rows;
};
BOOST_DESCRIBE_STRUCT(append, (),
                      (kind, stream, expected_version, version_was_seen, group, at, order, customer, origin, events,
                       snapshot, rows))

struct appended {
  std::uint64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(appended, (), (version))

// -- reading ----------------------------------------------------------------------------------------------------------

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
};
BOOST_DESCRIBE_STRUCT(stored_entity, (), (version, schema, state, later, reservations, user, webhook))

/// One reservation, live or closed.
struct find_reservation {
  std::string product;
  std::string order;
};
BOOST_DESCRIBE_STRUCT(find_reservation, (), (product, order))

struct found_reservation {
  std::optional<product::reservation> reservation;
};
BOOST_DESCRIBE_STRUCT(found_reservation, (), (reservation))

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

/// Which events of the log are wanted; an empty list means any.
struct event_filter {
  /// Exact types, or a prefix and a star: `order.*`, `*`.
  std::vector<std::string> types;
  std::string stream;
  /// An order's id: its own events and those of its payments and its delivery.
  std::string order;
  std::string customer;
  /// A courier's id: besides the events of `customer`, those of this courier and of what is offered to them or theirs.
  std::string courier = {};
  friend auto operator<=>(const event_filter&, const event_filter&) = default;
};
BOOST_DESCRIBE_STRUCT(event_filter, (), (types, stream, order, customer, courier))

/// What the data of an event about a delivery holds when it is about this courier as well.
std::string mark_of_courier(const std::string& courier);

/// The streams of an order, its first payment and its delivery; for those of further payments see order_streams.hpp.
std::vector<std::string> streams_of_order(const std::string& order);

bool matches(const event_filter& filter, const stored_event& event);

/// At most `limit` matching events behind `after`, in log order. Fails with ec::cursor_expired when events behind
/// `after` were removed, so that nobody misses any without knowing; with `from_earliest` the page then begins with the
/// oldest that are kept.
struct read_log {
  log_position after;
  event_filter filter;
  std::uint32_t limit = 100;
  bool from_earliest = false;
};
BOOST_DESCRIBE_STRUCT(read_log, (), (after, filter, limit, from_earliest))

/// `next`: where to go on from; behind the last event of the page, or further when what follows did not match.
struct log_page {
  std::vector<stored_event> events;
  log_position next;
};
BOOST_DESCRIBE_STRUCT(log_page, (), (events, next))

/// The position behind the last event that can be read now.
struct get_log_end {};
BOOST_DESCRIBE_STRUCT(get_log_end, (), ())

/// Keyset pagination: `after_key` and `after_id` are the sort key and id of the last item of the page before.
struct list_orders {
  std::string customer;
  std::string status;
  std::optional<timestamp> created_after;
  std::optional<timestamp> created_before;
  bool oldest_first = false;
  std::optional<timestamp> cursor_time;
  std::string cursor_id;
  std::uint32_t limit = 50;
};
BOOST_DESCRIBE_STRUCT(list_orders, (),
                      (customer, status, created_after, created_before, oldest_first, cursor_time, cursor_id, limit))

/// Sorted by id; `query` is looked for in SKU and name, without regard to case. Withdrawn products are left out.
struct list_products {
  std::string query;
  std::string cursor_id;
  std::uint32_t limit = 50;
};
BOOST_DESCRIBE_STRUCT(list_products, (), (query, cursor_id, limit))

/// The states (JSON) of a page of entities.
struct state_page {
  std::vector<std::string> states;
  bool more = false;
};
BOOST_DESCRIBE_STRUCT(state_page, (), (states, more))

/// Newest first.
struct list_notifications {
  std::string customer;
  bool unread_only = false;
  std::string cursor_id;
  std::uint32_t limit = 50;
};
BOOST_DESCRIBE_STRUCT(list_notifications, (), (customer, unread_only, cursor_id, limit))

struct stored_notification {
  notification_row row;
  std::optional<timestamp> read_at;
};
BOOST_DESCRIBE_STRUCT(stored_notification, (), (row, read_at))

struct notification_page {
  std::vector<stored_notification> notifications;
  bool more = false;
};
BOOST_DESCRIBE_STRUCT(notification_page, (), (notifications, more))

/// By the address in the form in which it is stored.
struct find_user {
  std::string email;
};
BOOST_DESCRIBE_STRUCT(find_user, (), (email))

/// Sorted by id; `role` empty means any. Without password hashes.
struct list_users {
  std::string email;
  std::string role;
  std::string cursor_id;
  std::uint32_t limit = 50;
};
BOOST_DESCRIBE_STRUCT(list_users, (), (email, role, cursor_id, limit))

struct user_page {
  std::vector<user_row> users;
  bool more = false;
};
BOOST_DESCRIBE_STRUCT(user_page, (), (users, more))

/// By its hash, or by its id when the hash is empty.
struct find_service_key {
  std::string token_hash;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(find_service_key, (), (token_hash, id))

struct found_service_key {
  std::optional<service_key_row> key;
};
BOOST_DESCRIBE_STRUCT(found_service_key, (), (key))

/// Sorted by id, those that are revoked as well.
struct list_service_keys {
  std::string cursor_id;
  std::uint32_t limit = 50;
};
BOOST_DESCRIBE_STRUCT(list_service_keys, (), (cursor_id, limit))

struct service_key_page {
  std::vector<service_key_row> keys;
  bool more = false;
};
BOOST_DESCRIBE_STRUCT(service_key_page, (), (keys, more))

/// Sorted by id; those who were removed are left out.
struct list_couriers {
  std::optional<bool> online;
  std::string cursor_id;
  std::uint32_t limit = 50;
};
BOOST_DESCRIBE_STRUCT(list_couriers, (), (online, cursor_id, limit))

/// Newest first; empty words mean any.
struct list_deliveries {
  std::string status;
  std::string courier;
  std::optional<timestamp> cursor_time;
  std::string cursor_id;
  std::uint32_t limit = 50;
};
BOOST_DESCRIBE_STRUCT(list_deliveries, (), (status, courier, cursor_time, cursor_id, limit))

/// Couriers who are online and have places that are neither taken nor offered: those with the least to do first, and
/// of these who has been idle the longest.
struct find_free_couriers {
  std::uint32_t limit = 100;
};
BOOST_DESCRIBE_STRUCT(find_free_couriers, (), (limit))

struct free_courier {
  std::string courier;
  std::uint32_t places = 0;
};
BOOST_DESCRIBE_STRUCT(free_courier, (), (courier, places))

struct free_couriers {
  std::vector<free_courier> couriers;
};
BOOST_DESCRIBE_STRUCT(free_couriers, (), (couriers))

/// Answers when the database can be read.
struct check_store {};
BOOST_DESCRIBE_STRUCT(check_store, (), ())

// -- following the log on one node ------------------------------------------------------------------------------------

/// A hint that there is something new in the log.
struct log_advanced {};
BOOST_DESCRIBE_STRUCT(log_advanced, (), ())

/// Asks the node's event feed for what follows `after`. Answers at once when there is something, otherwise when it
/// comes or after `wait`, then with an empty page. Fails like read_log.
struct read_feed {
  log_position after;
  event_filter filter;
  std::uint32_t limit = 100;
  milliseconds wait{0};
  bool from_earliest = false;
};
BOOST_DESCRIBE_STRUCT(read_feed, (), (after, filter, limit, wait, from_earliest))

/// Shared with all subscribers of the node, hence never sent to another one.
struct feed_page {
  std::vector<std::shared_ptr<const stored_event>> events;
  log_position next;
};

} // namespace waybill
