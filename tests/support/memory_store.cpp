#include "tests/support/memory_store.hpp"

#include "messages/placement.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

namespace waybill::test {

namespace {

using key = std::pair<std::string, std::string>;

struct entity {
  entity_kind kind = entity_kind::order;
  std::uint64_t version = 0;
  entity_snapshot snapshot;
};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

failure unavailable() {
  return {ec::unavailable, "the database is away"};
}

} // namespace

struct memory_database::contents {
  mutable std::mutex mutex;
  bool available = true;
  bool lose_answer = false;
  std::size_t commits = 0;
  std::function<void(std::span<const append>)> before_commit;
  std::function<timestamp()> clock = now;

  std::vector<stored_event> log;
  std::size_t removed = 0;
  std::map<std::string, std::vector<std::size_t>> streams; // indexes into the log
  std::map<std::string, entity> entities;
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

namespace {

using contents = memory_database::contents;

class memory_journal : public journal_store {
public:
  memory_journal(std::shared_ptr<contents> data, std::string node) : data_{std::move(data)}, node_{std::move(node)} {}

  result<std::vector<result<appended>>> commit(std::span<const append> batch) override {
    std::function<void(std::span<const append>)> callback;
    {
      const std::lock_guard guard{data_->mutex};
      callback = data_->before_commit;
    }
    if (callback)
      callback(batch);
    const std::lock_guard guard{data_->mutex};
    if (!data_->available)
      return unavailable();
    std::vector<result<appended>> outcomes;
    std::set<std::string> refused;
    for (const auto& what : batch) {
      if (refused.contains(what.stream) && !data_->is_written(what, node_))
        outcomes.emplace_back(failure{ec::conflict, "an append before it was refused"});
      else
        outcomes.push_back(data_->write(what, node_));
      if (!outcomes.back() && outcomes.back().error().code == ec::conflict)
        refused.insert(what.stream);
    }
    ++data_->commits;
    if (std::exchange(data_->lose_answer, false))
      return unavailable();
    return outcomes;
  }

private:
  std::shared_ptr<contents> data_;
  std::string node_;
};

class memory_query : public query_store {
public:
  explicit memory_query(std::shared_ptr<contents> data) : data_{std::move(data)} {}

  result<stored_entity> run(const load_entity& query) override {
    return read<stored_entity>([&](stored_entity& answer) {
      if (const auto found = data_->entities.find(query.id); found != data_->entities.end()) {
        answer.version = found->second.version;
        answer.schema = found->second.snapshot.schema;
        answer.state = found->second.snapshot.state;
      }
      if (const auto events = data_->streams.find(query.id); events != data_->streams.end())
        for (const auto index : events->second)
          if (data_->log[index].version > answer.version)
            answer.later.push_back(data_->log[index]);
      const auto asked_for_since = data_->clock() - std::chrono::minutes{5};
      for (const auto& [where, what] : data_->reservations)
        if (where.first == query.id
            && (what.status == product::reservation_status::live || what.reserve_by >= asked_for_since))
          answer.reservations.push_back({where.first, where.second, what});
      if (const auto user = data_->users.find(query.id); user != data_->users.end() && query.kind == entity_kind::user)
        answer.user = user->second;
      if (const auto hook = data_->webhooks.find(query.id);
          hook != data_->webhooks.end() && query.kind == entity_kind::webhook)
        answer.webhook = hook->second;
      if (!answer.later.empty())
        answer.version = answer.later.back().version;
    });
  }

  result<found_reservation> run(const find_reservation& query) override {
    return read<found_reservation>([&](found_reservation& answer) {
      if (const auto found = data_->reservations.find({query.product, query.order}); found != data_->reservations.end())
        answer.reservation = found->second;
    });
  }

  result<unfinished_page> run(const list_unfinished& query) override {
    const std::set<std::uint16_t> shards(query.shards.begin(), query.shards.end());
    return read<unfinished_page>([&](unfinished_page& answer) {
      for (auto it = data_->entities.upper_bound(query.after);
           it != data_->entities.end() && answer.entities.size() < query.limit; ++it)
        if (it->second.kind == query.kind && it->second.snapshot.unfinished
            && (shards.empty() || shards.contains(shard_of(it->first))))
          answer.entities.push_back({it->first, it->second.snapshot.due});
    });
  }

  result<log_page> run(const read_log& query) override {
    const auto removed = data_->removed_events();
    if (!query.from_earliest && query.after.sequence < removed)
      return failure{ec::cursor_expired, "these events were removed"};
    return read<log_page>([&](log_page& answer) {
      answer.next = {0, std::max<std::uint64_t>(query.after.sequence, removed)};
      for (auto i = answer.next.sequence; i < data_->log.size() && answer.events.size() < query.limit; ++i) {
        answer.next = data_->log[i].position;
        if (matches(query.filter, data_->log[i]))
          answer.events.push_back(data_->log[i]);
      }
    });
  }

  result<log_position> run(const get_log_end&) override {
    return read<log_position>([&](log_position& answer) { answer.sequence = data_->log.size(); });
  }

  result<state_page> run(const list_orders& query) override {
    return read<state_page>([&](state_page& answer) {
      std::vector<order_row> rows;
      for (const auto& [id, row] : data_->orders)
        if (wants(query, row))
          rows.push_back(row);
      std::sort(rows.begin(), rows.end(), [&](const order_row& a, const order_row& b) {
        const auto before = std::tie(a.created_at, a.id) < std::tie(b.created_at, b.id);
        return query.oldest_first ? before : std::tie(b.created_at, b.id) < std::tie(a.created_at, a.id);
      });
      for (const auto& row : rows)
        add_state(answer, row.id, query.limit);
    });
  }

  result<state_page> run(const list_products& query) override {
    return read<state_page>([&](state_page& answer) {
      const auto wanted = lower(query.query);
      for (auto it = data_->products.upper_bound(query.cursor_id); it != data_->products.end(); ++it) {
        const auto& row = it->second;
        if (!row.withdrawn
            && (lower(row.sku).find(wanted) != std::string::npos || lower(row.name).find(wanted) != std::string::npos))
          add_state(answer, row.id, query.limit);
      }
    });
  }

  result<notification_page> run(const list_notifications& query) override {
    return read<notification_page>([&](notification_page& answer) {
      for (auto it = data_->notifications.rbegin(); it != data_->notifications.rend(); ++it) {
        if (it->first.first != query.customer || (query.unread_only && it->second.read_at)
            || (!query.cursor_id.empty() && it->first.second >= query.cursor_id))
          continue;
        if (answer.notifications.size() == query.limit)
          answer.more = true;
        else
          answer.notifications.push_back(it->second);
      }
    });
  }

  result<user_page> run(const find_user& query) override { return run(list_users{query.email, {}, {}, 1}); }

  result<user_page> run(const list_users& query) override {
    return read<user_page>([&](user_page& answer) {
      for (auto it = data_->users.upper_bound(query.cursor_id); it != data_->users.end(); ++it) {
        const auto& row = it->second;
        const bool wanted =
          (query.email.empty() || row.email == query.email)
          && (query.role.empty() || (',' + row.roles + ',').find(',' + query.role + ',') != std::string::npos);
        if (wanted && answer.users.size() == query.limit)
          answer.more = true;
        else if (wanted)
          answer.users.emplace_back(row).password_hash.clear();
      }
    });
  }

  result<found_service_key> run(const find_service_key& query) override {
    return read<found_service_key>([&](found_service_key& answer) {
      for (const auto& [id, row] : data_->service_keys)
        if (query.token_hash.empty() ? id == query.id : row.token_hash == query.token_hash)
          answer.key = row;
    });
  }

  result<service_key_page> run(const list_service_keys& query) override {
    return read<service_key_page>([&](service_key_page& answer) {
      for (auto it = data_->service_keys.upper_bound(query.cursor_id); it != data_->service_keys.end(); ++it) {
        if (answer.keys.size() == query.limit)
          answer.more = true;
        else
          answer.keys.push_back(it->second);
      }
    });
  }

  result<state_page> run(const list_couriers& query) override {
    return read<state_page>([&](state_page& answer) {
      for (auto it = data_->couriers.upper_bound(query.cursor_id); it != data_->couriers.end(); ++it)
        if (!it->second.removed && (!query.online || *query.online == it->second.online))
          add_state(answer, it->first, query.limit);
    });
  }

  result<state_page> run(const list_deliveries& query) override {
    return read<state_page>([&](state_page& answer) {
      std::vector<delivery_row> rows;
      for (const auto& [id, row] : data_->deliveries)
        if ((query.status.empty() || row.status == query.status)
            && (query.courier.empty() || row.courier == query.courier)
            && (!query.cursor_time || std::tie(row.created_at, row.id) < std::tie(*query.cursor_time, query.cursor_id)))
          rows.push_back(row);
      std::sort(rows.begin(), rows.end(), [](const delivery_row& a, const delivery_row& b) {
        return std::tie(b.created_at, b.id) < std::tie(a.created_at, a.id);
      });
      for (const auto& row : rows)
        add_state(answer, row.id, query.limit);
    });
  }

  result<free_couriers> run(const find_free_couriers& query) override {
    return read<free_couriers>([&](free_couriers& answer) {
      std::vector<std::tuple<std::uint32_t, timestamp, std::string, std::uint32_t>> found;
      for (const auto& [id, row] : data_->couriers) {
        const auto offered = std::count_if(data_->deliveries.begin(), data_->deliveries.end(), [&](const auto& one) {
          return one.second.courier == row.id && one.second.status == "offered";
        });
        const auto busy = row.active + static_cast<std::uint32_t>(offered);
        if (row.online && busy < row.capacity)
          found.emplace_back(busy, row.changed_at, id, row.capacity - busy);
      }
      std::sort(found.begin(), found.end());
      for (const auto& [busy, since, id, places] : found)
        if (answer.couriers.size() < query.limit)
          answer.couriers.push_back({id, places});
    });
  }

  result<webhook_page> run(const list_webhooks& query) override {
    return read<webhook_page>([&](webhook_page& answer) {
      for (auto it = data_->webhooks.upper_bound(query.cursor_id); it != data_->webhooks.end(); ++it) {
        const auto state = data_->entities.find(it->first);
        if (state == data_->entities.end())
          continue;
        if (answer.webhooks.size() == query.limit)
          answer.more = true;
        else
          answer.webhooks.push_back({state->second.snapshot.state, it->second.progress});
      }
    });
  }

  result<webhook_delivery_page> run(const list_webhook_deliveries& query) override {
    return read<webhook_delivery_page>([&](webhook_delivery_page& answer) {
      std::vector<webhook_delivery_row> rows;
      for (const auto& [where, row] : data_->webhook_deliveries)
        if (wants(query, row))
          rows.push_back(row);
      if (!query.oldest_first)
        std::reverse(rows.begin(), rows.end());
      answer.more = rows.size() > query.limit;
      rows.resize(std::min<std::size_t>(rows.size(), query.limit));
      answer.deliveries = std::move(rows);
    });
  }

  result<void> run(const check_store&) override {
    const std::lock_guard guard{data_->mutex};
    if (!data_->available)
      return unavailable();
    return {};
  }

private:
  template <class Answer, class Function>
  result<Answer> read(Function fill) {
    const std::lock_guard guard{data_->mutex};
    if (!data_->available)
      return unavailable();
    Answer answer;
    fill(answer);
    return answer;
  }

  static bool wants(const list_webhook_deliveries& query, const webhook_delivery_row& row) {
    const bool pending = row.delivery.status == webhook::delivery_status::pending;
    return row.endpoint == query.endpoint && (!query.status || *query.status == row.delivery.status)
           && (query.message.empty() || query.message == row.message)
           && (!query.ended_before || (!pending && row.delivery.changed_at < *query.ended_before))
           && (!query.cursor || (query.oldest_first ? row.position > *query.cursor : row.position < *query.cursor));
  }

  static bool wants(const list_orders& query, const order_row& row) {
    const auto place = std::tie(row.created_at, row.id);
    const bool behind = !query.cursor_time
                        || (query.oldest_first ? place > std::tie(*query.cursor_time, query.cursor_id)
                                               : place < std::tie(*query.cursor_time, query.cursor_id));
    return behind && (query.customer.empty() || query.customer == row.customer)
           && (query.status.empty() || query.status == row.status)
           && (!query.created_after || row.created_at > *query.created_after)
           && (!query.created_before || row.created_at < *query.created_before);
  }

  void add_state(state_page& answer, const std::string& id, std::uint32_t limit) const {
    const auto found = data_->entities.find(id);
    if (found == data_->entities.end())
      return;
    if (answer.states.size() == limit)
      answer.more = true;
    else
      answer.states.push_back(found->second.snapshot.state);
  }

  std::shared_ptr<contents> data_;
};

} // namespace

memory_database::memory_database() : contents_{std::make_shared<contents>()} {}

std::unique_ptr<journal_store> memory_database::open_journal(std::string node) const {
  return std::make_unique<memory_journal>(contents_, std::move(node));
}

std::unique_ptr<query_store> memory_database::open_query() const {
  return std::make_unique<memory_query>(contents_);
}

void memory_database::set_available(bool available) {
  const std::lock_guard guard{contents_->mutex};
  contents_->available = available;
}

void memory_database::lose_next_answer() {
  const std::lock_guard guard{contents_->mutex};
  contents_->lose_answer = true;
}

void memory_database::before_commit(std::function<void(std::span<const append>)> callback) {
  const std::lock_guard guard{contents_->mutex};
  contents_->before_commit = std::move(callback);
}

void memory_database::set_clock(std::function<timestamp()> clock) {
  const std::lock_guard guard{contents_->mutex};
  contents_->clock = std::move(clock);
}

void memory_database::remove_events(std::size_t count) {
  const std::lock_guard guard{contents_->mutex};
  contents_->removed = count;
}

std::vector<stored_event> memory_database::log() const {
  const std::lock_guard guard{contents_->mutex};
  return contents_->log;
}

std::size_t memory_database::commits() const {
  const std::lock_guard guard{contents_->mutex};
  return contents_->commits;
}

} // namespace waybill::test
