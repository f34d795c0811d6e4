#include "domain/base/errors.hpp"
#include "tests/support/memory_contents.hpp"

#include <set>

namespace waybill::test {

namespace {

using contents = memory_database::contents;

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

std::unique_ptr<query_store> memory_database::open_query() const {
  return std::make_unique<memory_query>(contents_);
}

} // namespace waybill::test
