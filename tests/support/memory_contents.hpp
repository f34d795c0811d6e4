#pragma once

#include "domain/base/errors.hpp"
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

/// What a database in memory holds, for the two sides of it only.
namespace waybill::test {

struct stored_state {
  entity_kind kind = entity_kind::order;
  std::uint64_t version = 0;
  entity_snapshot snapshot;
};

inline std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

inline failure unavailable() {
  return {ec::unavailable, "the database is away"};
}

struct memory_database::contents {
  using key = std::pair<std::string, std::string>;

  mutable std::mutex mutex;
  bool available = true;
  bool lose_answer = false;
  std::size_t commits = 0;
  std::function<void(std::span<const append>)> before_commit;
  std::function<timestamp()> clock = now;

  std::vector<stored_event> log;
  std::size_t removed = 0;
  std::map<std::string, std::vector<std::size_t>> streams; // indexes into the log
  std::map<std::string, stored_state> entities;
  std::map<std::string, order_row> orders;
  std::map<std::string, product_row> products;
  std::map<std::string, user_row> users;
  std::map<std::string, service_key_row> service_keys;
  std::map<std::string, courier_row> couriers;
  std::map<std::string, delivery_row> deliveries;
  std::map<std::string, webhook_row> webhooks;
  std::map<std::pair<std::string, log_position>, webhook_delivery_row> webhook_deliveries;
  std::map<key, product::reservation> reservations; // by product and order
  std::map<key, stored_notification> notifications; // by customer and id

  [[nodiscard]] std::size_t removed_events() const {
    const std::lock_guard guard{mutex};
    return removed;
  }

  [[nodiscard]] std::uint64_t version_of(const std::string& stream) const {
    const auto events = streams.find(stream);
    const auto state = entities.find(stream);
    return std::max(events == streams.end() ? 0 : log[events->second.back()].version,
                    state == entities.end() ? 0 : state->second.version);
  }

  /// Whether the events of `what` are there already, written by `node`.
  [[nodiscard]] bool is_written(const append& what, const std::string& node) const {
    const auto found = streams.find(what.stream);
    if (what.events.empty() || found == streams.end()
        || found->second.size() < what.expected_version + what.events.size())
      return false;
    for (std::size_t i = 0; i < what.events.size(); ++i) {
      const auto& there = log[found->second[what.expected_version + i]];
      if (there.node != node || there.at != what.at || there.type != what.events[i].type
          || there.data != what.events[i].data)
        return false;
    }
    return true;
  }

  [[nodiscard]] bool takes_foreign_value(const append& what) const {
    return std::any_of(what.rows.begin(), what.rows.end(), [this](const row_change& change) {
      const auto* product = std::get_if<product_row>(&change);
      const auto* user = std::get_if<user_row>(&change);
      return (product != nullptr
              && std::any_of(
                products.begin(), products.end(),
                [&](const auto& other) { return other.second.sku == product->sku && other.first != product->id; }))
             || (user != nullptr && std::any_of(users.begin(), users.end(), [&](const auto& other) {
                   return other.second.email == user->email && other.first != user->id;
                 }));
    });
  }

  result<appended> write(const append& what, const std::string& node) {
    if (!what.stream.empty() && version_of(what.stream) != what.expected_version) {
      if (is_written(what, node))
        return appended{what.expected_version + what.events.size()};
      return failure{ec::conflict, "stream " + what.stream + " is not at the expected version"};
    }
    if (takes_foreign_value(what))
      return failure{ec::duplicate, "another one has this value"};
    auto version = what.expected_version;
    for (const auto& event : what.events) {
      streams[what.stream].push_back(log.size());
      log.push_back({{0, log.size() + 1},
                     what.stream,
                     ++version,
                     event.type,
                     event.schema,
                     what.at,
                     what.order,
                     what.customer,
                     what.origin,
                     node,
                     event.data});
    }
    if (what.snapshot)
      entities[what.stream] = {what.kind, version, *what.snapshot};
    for (const auto& change : what.rows)
      std::visit([this](const auto& row) { change_row(row); }, change);
    return appended{version};
  }

  void change_row(const order_row& row) { orders[row.id] = row; }
  void change_row(const product_row& row) { products[row.id] = row; }
  void change_row(const user_row& row) {
    const auto [there, made] = users.try_emplace(row.id, row);
    const auto created_at = there->second.created_at;
    there->second = row;
    there->second.created_at = created_at;
  }
  void change_row(const service_key_row& row) {
    auto& there = service_keys.try_emplace(row.id, row).first->second;
    if (!there.revoked_at)
      there.revoked_at = row.revoked_at;
  }
  void change_row(const courier_row& row) { couriers[row.id] = row; }
  void change_row(const delivery_row& row) {
    auto& there = deliveries.try_emplace(row.id, row).first->second;
    there.courier = row.courier;
    there.status = row.status;
  }
  void change_row(const webhook_row& row) {
    auto& there = webhooks.try_emplace(row.id, row).first->second;
    auto progress = there.progress;
    there = row;
    there.progress = std::move(progress);
  }
  void change_row(const webhook_progress& row) {
    if (const auto there = webhooks.find(row.id); there != webhooks.end())
      there->second.progress = row;
  }
  void change_row(const webhook_removed& row) { webhooks.erase(row.id); }
  void change_row(const webhook_delivery_row& row) { webhook_deliveries[{row.endpoint, row.position}] = row; }
  void change_row(const webhook_delivery_forgotten& row) { webhook_deliveries.erase({row.endpoint, row.position}); }
  void change_row(const reservation_row& row) { reservations[{row.product, row.order}] = row.reservation; }
  void change_row(const reservation_forgotten& row) { reservations.erase({row.product, row.order}); }
  void change_row(const notification_row& row) { notifications[{row.customer, row.id}].row = row; }
  void change_row(const notification_read& mark) {
    for (auto& [where, notification] : notifications)
      if (where.first == mark.customer && (mark.id.empty() || where.second == mark.id) && !notification.read_at)
        notification.read_at = mark.read_at;
  }
};

} // namespace waybill::test
