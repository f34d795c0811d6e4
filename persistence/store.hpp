#pragma once

#include "messages/journal/append.hpp"
#include "messages/journal/entity_rows.hpp"
#include "messages/journal/event_log.hpp"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace waybill {

/// Where the data lies.
struct store_config {
  /// `sqlite:<path>` or a libpq URL, `postgresql://user:password@host/database`.
  std::string url = "sqlite:data/waybill.db";
  /// PostgreSQL only: keep the tables in this schema, made if missing, instead of the connection's own.
  std::string schema = {};
  /// SQLite only: commit without waiting for the disk (synchronous=OFF). Loses the last commits when the power fails.
  bool unsafe_no_sync = false;
  /// PostgreSQL only: a query, or a whole transaction, that takes longer is given up and its connection made anew.
  milliseconds read_timeout{5'000};
  milliseconds write_timeout{10'000};
};

/// The writing side of one connection. Blocks; belongs to one thread at a time. Reconnects by itself.
class journal_store {
public:
  virtual ~journal_store() = default;

  /// Writes all appends in one transaction and returns after its commit, with one outcome for each: the new version, or
  /// ec::conflict (the stream is not at the expected version) or ec::duplicate (a unique value is taken), which leaves
  /// the others untouched, except those to the same stream behind a conflict: they conflict too, because they may build
  /// on it. Several appends to one stream are applied in order. An append that is already there, written by this node
  /// (the answer to the last commit got lost), counts as done. Fails as a whole with ec::unavailable when the database
  /// cannot be reached: then nothing is known, and the same batch may be tried again.
  virtual result<std::vector<result<appended>>> commit(std::span<const append> batch) = 0;
};

/// The reading side of one connection. Blocks; belongs to one thread at a time. Reconnects by itself. Every function
/// fails with ec::unavailable when the database cannot be reached.
class query_store {
public:
  virtual ~query_store() = default;

  virtual result<stored_entity> run(const load_entity& query) = 0;
  virtual result<found_reservation> run(const find_reservation& query) = 0;
  virtual result<unfinished_page> run(const list_unfinished& query) = 0;
  virtual result<log_page> run(const read_log& query) = 0;
  virtual result<log_position> run(const get_log_end& query) = 0;
  virtual result<state_page> run(const list_orders& query) = 0;
  virtual result<state_page> run(const list_products& query) = 0;
  virtual result<notification_page> run(const list_notifications& query) = 0;
  virtual result<user_page> run(const find_user& query) = 0;
  virtual result<user_page> run(const list_users& query) = 0;
  virtual result<found_service_key> run(const find_service_key& query) = 0;
  virtual result<service_key_page> run(const list_service_keys& query) = 0;
  virtual result<state_page> run(const list_couriers& query) = 0;
  virtual result<state_page> run(const list_deliveries& query) = 0;
  virtual result<free_couriers> run(const find_free_couriers& query) = 0;
  virtual result<webhook_page> run(const list_webhooks& query) = 0;
  virtual result<webhook_delivery_page> run(const list_webhook_deliveries& query) = 0;
  virtual result<void> run(const check_store& query) = 0;
};

/// Brings the database's schema up to date, under a lock. Fails with ec::unavailable, or ec::unreadable when the schema
/// is newer than this program, or the log's positions are not this server's.
result<void> migrate(const store_config& config);

/// Connections of their own; `node` is recorded with every event. The database must have been migrated.
std::unique_ptr<journal_store> open_journal_store(const store_config& config, std::string node);
std::unique_ptr<query_store> open_query_store(const store_config& config);

} // namespace waybill
