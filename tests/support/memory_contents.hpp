#pragma once

#include "domain/base/errors.hpp"
#include "domain/json/codec.hpp"
#include "domain/text/folding.hpp"
#include "tests/support/memory_store.hpp"

#include "messages/cluster/placement.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

/// The contents of a database in memory; only its two sides, memory_store.cpp and memory_query.cpp, include this.
namespace waybill::test {

struct memory_entity {
  entity_kind kind = entity_kind::order;
  std::uint64_t version = 0;
  entity_snapshot snapshot;
};

inline failure unavailable() {
  return {ec::unavailable, "the database is away"};
}

/// The part that a backup contains.
struct memory_tables {
  using key = std::pair<std::string, std::string>;

  std::vector<stored_event> log;
  std::size_t removed = 0;
  std::uint64_t generation = 0;
  std::map<std::string, std::vector<std::size_t>> streams; // indexes into the log
  std::map<std::string, memory_entity> entities;
  std::map<std::string, order_row> orders;
  std::map<std::string, product_row> products;
  std::map<std::string, user_row> users;
  std::map<std::string, service_key_row> service_keys;
  std::map<std::string, courier_row> couriers;
  std::map<std::string, delivery_row> deliveries;
  std::map<std::string, webhook_row> webhooks;
  std::map<std::pair<std::string, log_position>, webhook_delivery_row> webhook_deliveries;
  std::map<std::string, sink_row> sinks;
  std::map<key, product::reservation> reservations;      // by product and order
  std::map<key, stock_adjustment_row> stock_adjustments; // by product and id
  std::map<key, stored_notification> notifications;      // by customer and id
};

struct memory_database::contents : memory_tables {
  mutable std::mutex mutex;
  bool available = true;
  bool lose_answer = false;
  std::size_t commits = 0;
  std::function<void(std::span<const append>)> before_commit;
  std::function<bool(const append&)> refuses;
  std::function<timestamp()> clock = now;

  [[nodiscard]] std::uint64_t version_of(const std::string& stream) const {
    const auto events = streams.find(stream);
    const auto state = entities.find(stream);
    return std::max(events == streams.end() ? 0 : log[events->second.back()].version,
                    state == entities.end() ? 0 : state->second.version);
  }

  /// Whether the events of `request` are written already, by `node`.
  [[nodiscard]] bool is_written(const append& request, const std::string& node) const {
    const auto stream = streams.find(request.stream);
    if (request.events.empty() || stream == streams.end()
        || stream->second.size() < request.expected_version + request.events.size())
      return false;
    for (std::size_t i = 0; i < request.events.size(); ++i) {
      const auto& stored = log[stream->second[request.expected_version + i]];
      if (stored.node != node || stored.at != request.at || stored.type != request.events[i].type
          || stored.data != request.events[i].data)
        return false;
    }
    return true;
  }

  /// Whether another row of `table` has a value that `is_same` as that of `row`.
  template <class Row, class Predicate>
  static bool is_taken(const std::map<std::string, Row>& table, const Row& row, Predicate is_same) {
    return std::any_of(table.begin(), table.end(),
                       [&](const auto& other) { return other.first != row.id && is_same(other.second); });
  }

  [[nodiscard]] bool takes_unique_value(const append& request) const {
    return std::any_of(request.rows.begin(), request.rows.end(), [this](const row_change& change) {
      const auto* product = std::get_if<product_row>(&change);
      const auto* user = std::get_if<user_row>(&change);
      return (product != nullptr
              && is_taken(
                products, *product,
                [sku = fold_text(product->sku)](const product_row& other) { return fold_text(other.sku) == sku; }))
             || (user != nullptr
                 && is_taken(users, *user, [&](const user_row& other) { return other.email == user->email; }));
    });
  }

  result<appended> write(const append& request, const std::string& node) {
    if (refuses && refuses(request))
      return failure{ec::conflict, "another writer was first in stream " + request.stream};
    if (!request.stream.empty() && version_of(request.stream) != request.expected_version) {
      if (is_written(request, node))
        return appended{request.expected_version + request.events.size()};
      return failure{ec::conflict, "stream " + request.stream + " is not at the expected version"};
    }
    if (request.generation.value_or(generation) != generation)
      return failure{ec::conflict, "the event log was replaced: what this builds on is not there any more"};
    if (takes_unique_value(request))
      return failure{ec::duplicate, "another row has this value"};
    auto version = request.expected_version;
    for (const auto& event : request.events) {
      streams[request.stream].push_back(log.size());
      log.push_back({{0, log.size() + 1},
                     request.stream,
                     ++version,
                     event.type,
                     event.schema,
                     request.at,
                     order_of(request, event),
                     customer_of(request, event),
                     request.origin,
                     node,
                     event.data});
    }
    if (request.snapshot)
      entities[request.stream] = {request.kind, version, *request.snapshot};
    for (const auto& change : request.rows)
      std::visit([this](const auto& row) { change_row(row); }, change);
    return appended{version};
  }

  // Most rows replace the row with the same key. The exceptions: a user and a delivery keep the time when they were
  // made, a service key stays revoked, and the progress of a webhook endpoint or a sink changes apart from the rest of
  // its row.

  void change_row(const order_row& row) { orders[row.id] = row; }
  void change_row(const product_row& row) { products[row.id] = row; }
  void change_row(const user_row& row) {
    auto& stored = users.try_emplace(row.id, row).first->second;
    const auto created_at = stored.created_at;
    stored = row;
    stored.created_at = created_at;
  }
  void change_row(const service_key_row& row) {
    auto& stored = service_keys.try_emplace(row.id, row).first->second;
    if (!stored.revoked_at)
      stored.revoked_at = row.revoked_at;
  }
  void change_row(const courier_row& row) { couriers[row.id] = row; }
  void change_row(const delivery_row& row) {
    auto& stored = deliveries.try_emplace(row.id, row).first->second;
    stored.courier = row.courier;
    stored.status = row.status;
  }
  void change_row(const webhook_row& row) {
    auto& stored = webhooks.try_emplace(row.id, row).first->second;
    auto progress = stored.progress;
    stored = row;
    stored.progress = std::move(progress);
  }
  void change_row(const webhook_progress& row) {
    if (const auto stored = webhooks.find(row.id); stored != webhooks.end())
      stored->second.progress = row;
  }
  void change_row(const webhook_removed& row) { webhooks.erase(row.id); }
  void change_row(const webhook_delivery_row& row) { webhook_deliveries[{row.endpoint, row.position.bare()}] = row; }
  void change_row(const webhook_delivery_forgotten& row) {
    webhook_deliveries.erase({row.endpoint, row.position.bare()});
  }
  void change_row(const sink_row& row) {
    auto& stored = sinks.try_emplace(row.id, row).first->second;
    stored.password = row.password;
  }
  void change_row(const sink_progress& row) {
    if (const auto stored = sinks.find(row.id); stored != sinks.end())
      stored->second.progress = row;
  }
  void change_row(const sink_removed& row) { sinks.erase(row.id); }

  [[nodiscard]] std::optional<sink_row> find_sink(const load_entity& query) const {
    const auto stored = sinks.find(query.id);
    if (query.kind != entity_kind::sink || stored == sinks.end())
      return std::nullopt;
    auto row = stored->second;
    row.progress.cursor = row.progress.cursor.of_generation(generation);
    return row;
  }
  [[nodiscard]] sink_page find_sinks(const list_sinks& query) const {
    sink_page page;
    for (auto it = sinks.upper_bound(query.cursor_id); it != sinks.end() && !page.more; ++it) {
      page.more = page.sinks.size() == query.limit;
      if (const auto entity = entities.find(it->first); entity != entities.end() && !page.more)
        page.sinks.push_back({entity->second.snapshot.state, find_sink({entity_kind::sink, it->first})->progress});
    }
    return page;
  }

  [[nodiscard]] function_page find_functions(const list_functions& query) const {
    function_page page;
    auto it = entities.upper_bound(function::id_of(query.after).value);
    for (; it != entities.end() && it->first.starts_with(function_id::prefix()) && !page.more; ++it)
      if (const auto state = decode<function::state>(it->second.snapshot.state); state && function::is_there(*state)) {
        page.more = page.functions.size() == query.limit;
        if (!page.more)
          page.functions.push_back(function::summarize(*state));
      }
    return page;
  }
  [[nodiscard]] function_revision revision_of_functions() const {
    function_revision revision;
    for (const auto& [id, entity] : entities)
      if (id.starts_with(function_id::prefix()))
        revision.number += entity.version;
    return revision;
  }

  void change_row(const entity_wait& row) {
    if (const auto stored = entities.find(row.id); stored != entities.end() && version_of(row.id) == row.version) {
      stored->second.version = row.version;
      stored->second.snapshot = row.snapshot;
    }
  }
  void change_row(const reservation_row& row) { reservations[{row.product, row.order}] = row.reservation; }
  void change_row(const reservation_forgotten& row) { reservations.erase({row.product, row.order}); }
  void change_row(const stock_adjustment_row& row) { stock_adjustments.try_emplace({row.product, row.id}, row); }
  void change_row(const notification_row& row) { notifications[{row.customer, row.id}].row = row; }
  void change_row(const notification_read& mark) {
    for (auto& [row_key, notification] : notifications)
      if (row_key.first == mark.customer && (mark.id.empty() || row_key.second == mark.id) && !notification.read_at)
        notification.read_at = mark.read_at;
  }
};

} // namespace waybill::test
