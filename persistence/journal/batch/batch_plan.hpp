#pragma once

#include "messages/journal/append.hpp"
#include "messages/journal/log_position.hpp"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace waybill {

/// What a database knows of a stream.
struct stream_facts {
  std::uint64_t version = 0;
  /// Of the stored state; nothing when there is none.
  std::optional<std::uint64_t> entity_version;
};

/// Looks into the database, within the transaction that will write.
class fact_source {
public:
  virtual ~fact_source() = default;
  virtual std::vector<stream_facts> look_up(const std::vector<std::string_view>& streams) = 0;
  /// Whether the events of `request` are there, written by this node at the same time with the same content.
  virtual bool is_written(const append& request) = 0;
  /// The id of the product with this SKU, as SKUs are compared (persistence/search), or nothing.
  virtual std::optional<std::string> holder_of(const std::string& sku) = 0;
  /// The id of the user with this e-mail, or nothing.
  virtual std::optional<std::string> user_of(const std::string& email) = 0;
};

/// What a batch does to one stream.
struct stream_write {
  std::string_view id;
  entity_kind kind = entity_kind::order;
  /// The stream's version before the batch and after it.
  std::uint64_t version_before = 0;
  std::uint64_t version = 0;
  /// Of the state that the new one replaces; nothing when there is none.
  std::optional<std::uint64_t> replaces;
  /// The stored state may also be older than that: not every append stores one.
  bool may_be_older = false;
  /// The last state in the batch, or null, and the version it belongs to.
  const entity_snapshot* snapshot = nullptr;
  std::uint64_t snapshot_version = 0;
};

struct event_write {
  const append* request = nullptr;
  const new_event* event = nullptr;
  std::uint64_t version = 0;
};

struct order_write {
  const order_row* row = nullptr;
  /// The order is placed in this batch.
  bool is_new = false;
};

/// A notification of this batch; `read_at` when the batch also marks it as read.
struct notification_write {
  const notification_row* row = nullptr;
  std::optional<timestamp> read_at;
};

/// All that one transaction writes, in the order of keys, so that two writers of the same rows do not deadlock. Of
/// several changes to one row only the last is left. Refers to the batch, which must outlive it.
struct batch_plan {
  std::vector<result<appended>> outcomes;
  std::vector<stream_write> streams;
  std::vector<event_write> events;
  /// By the ids of the entities.
  std::map<std::string_view, const entity_wait*> waits;
  std::map<std::string_view, order_write> orders;
  std::map<std::string_view, const product_row*> products;
  /// By product and order; null: the reservation is forgotten.
  std::map<std::pair<std::string_view, std::string_view>, const product::reservation*> reservations;
  /// By product and id.
  std::map<std::pair<std::string_view, std::string_view>, const stock_adjustment_row*> stock_adjustments;
  /// By customer and id.
  std::map<std::pair<std::string_view, std::string_view>, notification_write> notifications;
  std::map<std::string_view, const user_row*> users;
  std::map<std::string_view, const service_key_row*> service_keys;
  std::map<std::string_view, const courier_row*> couriers;
  std::map<std::string_view, const delivery_row*> deliveries;
  /// Null: it was removed.
  std::map<std::string_view, const webhook_row*> webhooks;
  std::map<std::string_view, const webhook_progress*> webhook_progresses;
  /// By endpoint and position; null: it is forgotten.
  std::map<std::pair<std::string_view, log_position>, const webhook_delivery_row*> webhook_deliveries;
  /// Null: it was removed.
  std::map<std::string_view, const sink_row*> sinks;
  std::map<std::string_view, const sink_progress*> sink_progresses;
  /// Done before the new notifications are written.
  std::vector<const notification_read*> notifications_read;

  [[nodiscard]] bool is_empty() const;
};

/// The plan for a batch, decided by `facts`. Without facts (null) the plan takes for granted that every append builds
/// on the version that it expects; the version checks of the same transaction prove or disprove that. Nothing when they
/// could not prove it. Example: an append with an event of version 5 is refused by the key (stream, version) when
/// another writer has written version 5.
std::optional<batch_plan> make_plan(std::span<const append> batch, fact_source* facts);

} // namespace waybill
