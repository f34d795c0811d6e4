#include "domain/base/errors.hpp"
#include "domain/json/codec.hpp"
#include "domain/order/order.hpp"
#include "domain/order_view/listing.hpp"
#include "domain/text/folding.hpp"
#include "tests/support/memory_contents.hpp"

#include <set>

namespace waybill::test {

namespace {

using contents = memory_database::contents;

/// Adds an item to a page that is not full; a full page only tells that there is more.
template <class Item>
void add_to_page(std::vector<Item>& items, bool& more, std::uint32_t limit, const Item& item) {
  if (items.size() == limit)
    more = true;
  else
    items.push_back(item);
}

/// By time and id, the newest first, or with `oldest_first` the other way round.
template <class Row>
void sort_by_time(std::vector<Row>& rows, bool oldest_first) {
  std::sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) {
    const auto& [first, second] = oldest_first ? std::tie(a, b) : std::tie(b, a);
    return std::tie(first.created_at, first.id) < std::tie(second.created_at, second.id);
  });
}

bool wants(const list_webhook_deliveries& query, const webhook_delivery_row& row) {
  const bool pending = row.delivery.status == webhook::delivery_status::pending;
  return row.endpoint == query.endpoint && (!query.status || *query.status == row.delivery.status)
         && (query.message.empty() || query.message == row.message)
         && (!query.ended_before || (!pending && row.delivery.changed_at < *query.ended_before))
         && (!query.cursor
             || (query.oldest_first ? row.position.bare() > query.cursor->bare()
                                    : row.position.bare() < query.cursor->bare()));
}

bool is_among(std::string_view word, const std::vector<std::string>& words) {
  return std::ranges::find(words, word) != words.end();
}

bool wants(const list_orders& query, const order_row& row) {
  const auto place = std::tie(row.created_at, row.id);
  const bool behind = !query.cursor_time
                      || (query.oldest_first ? place > std::tie(*query.cursor_time, query.cursor_id)
                                             : place < std::tie(*query.cursor_time, query.cursor_id));
  return behind && (query.customer.empty() || query.customer == row.customer)
         && (query.statuses.empty() || is_among(row.status, order::listed_statuses(query.statuses)))
         && row.id.starts_with(query.id_prefix)
         && (!query.ids || std::ranges::find(*query.ids, row.id) != query.ids->end())
         && (!query.created_after || row.created_at > *query.created_after)
         && (!query.created_before || row.created_at < *query.created_before);
}

bool wants(const list_deliveries& query, const delivery_row& row) {
  return (query.status.empty() || row.status == query.status) && (query.courier.empty() || row.courier == query.courier)
         && (!query.cursor_time || std::tie(row.created_at, row.id) < std::tie(*query.cursor_time, query.cursor_id));
}

bool wants(const list_users& query, const user_row& row) {
  return (query.email.empty() || row.email == query.email)
         && (query.role.empty() || (',' + row.roles + ',').find(',' + query.role + ',') != std::string::npos);
}

/// Answers each query by the overload of `read` for it, in one moment.
class memory_query final : public query_store_of<memory_query> {
public:
  explicit memory_query(std::shared_ptr<contents> data) : data_{std::move(data)} {}

  template <class Query>
  auto answer(const Query& query) const {
    using outcome = decltype(read(query));
    const std::lock_guard guard{data_->mutex};
    return data_->available ? read(query) : outcome{unavailable()};
  }

private:
  result<stored_entity> read(const load_entity& query) const {
    stored_entity answer;
    if (const auto entity = data_->entities.find(query.id); entity != data_->entities.end()) {
      answer.version = entity->second.version;
      answer.schema = entity->second.snapshot.schema;
      answer.state = entity->second.snapshot.state;
      answer.unfinished = entity->second.snapshot.unfinished;
      answer.due = entity->second.snapshot.due;
      answer.in_line = entity->second.snapshot.in_line;
    }
    if (const auto events = data_->streams.find(query.id); events != data_->streams.end())
      for (const auto index : events->second)
        if (data_->log[index].version > answer.version)
          answer.later.push_back(data_->log[index]);
    const auto asked_for_since = data_->clock() - std::chrono::minutes{5};
    for (const auto& [key, reservation] : data_->reservations)
      if (key.first == query.id
          && (reservation.status == product::reservation_status::live || reservation.reserve_by >= asked_for_since))
        answer.reservations.push_back({key.first, key.second, reservation});
    if (const auto user = data_->users.find(query.id); user != data_->users.end() && query.kind == entity_kind::user)
      answer.user = user->second;
    if (const auto hook = data_->webhooks.find(query.id);
        hook != data_->webhooks.end() && query.kind == entity_kind::webhook)
      answer.webhook = hook->second;
    answer.sink = data_->find_sink(query);
    if (!answer.later.empty())
      answer.version = answer.later.back().version;
    answer.generation = data_->generation;
    if (answer.webhook)
      stamp(answer.webhook->progress);
    return answer;
  }

  result<found_reservation> read(const find_reservation& query) const {
    const auto reservation = data_->reservations.find({query.product, query.order});
    return reservation == data_->reservations.end() ? found_reservation{} : found_reservation{reservation->second};
  }

  result<found_stock_adjustment> read(const find_stock_adjustment& query) const {
    const auto row = data_->stock_adjustments.find({query.product, query.id});
    return row == data_->stock_adjustments.end() ? found_stock_adjustment{} : found_stock_adjustment{row->second};
  }

  result<ended_orders> read(const find_ended_orders& query) const {
    std::set<std::string> ended(query.orders.begin(), query.orders.end());
    for (const auto& id : query.orders)
      if (const auto row = data_->orders.find(id); row != data_->orders.end() && row->second.status != "completed"
                                                   && row->second.status != "rejected"
                                                   && row->second.status != "cancelled")
        ended.erase(id);
    return ended_orders{{ended.begin(), ended.end()}};
  }

  result<due_page> read(const list_due& query) const {
    const std::set<std::uint16_t> shards(query.shards.begin(), query.shards.end());
    std::map<std::pair<timestamp, std::string>, bool> due;
    for (const auto& [id, entity] : data_->entities) {
      const auto& row = entity.snapshot;
      const auto at = row.due.value_or(timestamp{});
      const bool behind = !query.after || std::tie(at, id) > std::tie(query.after->due, query.after->id);
      if (entity.kind == query.kind && row.unfinished && (row.in_line || !query.in_line) && at <= query.until && behind)
        due.emplace(std::pair{at, id}, shards.empty() || shards.contains(shard_of(id)));
    }
    due_page page;
    std::uint32_t rows = 0;
    for (const auto& [place, wanted] : due) {
      if (rows == query.limit)
        break;
      if (wanted)
        page.entities.push_back({place.first, place.second});
      if (++rows == query.limit)
        page.next = due_entity{place.first, place.second};
    }
    return page;
  }

  result<log_page> read(const read_log& query) const {
    const auto& after = query.after;
    const bool from_beginning = after.bare() == log_position{};
    if (!from_beginning && (after.generation != data_->generation || after.sequence > data_->log.size()))
      return failure{ec::cursor_expired, "this position is not of this log"};
    if (!query.from_earliest && after.sequence < data_->removed)
      return failure{ec::cursor_expired, "these events were removed"};
    log_page page;
    page.next = place(std::max<std::uint64_t>(after.sequence, data_->removed));
    for (auto i = page.next.sequence; i < data_->log.size() && page.events.size() < query.limit; ++i) {
      page.next = place(i + 1);
      if (!matches(query.filter, data_->log[i]))
        continue;
      page.events.push_back(data_->log[i]);
      page.events.back().position = page.next;
    }
    return page;
  }

  result<stream_events> read(const read_stream_events& query) const {
    stream_events page;
    if (const auto events = data_->streams.find(query.stream); events != data_->streams.end())
      for (const auto index : events->second)
        if (const auto& event = data_->log[index]; event.version > query.version && page.events.size() < query.limit)
          page.events.push_back(event);
    return page;
  }

  void stamp(webhook_progress& progress) const {
    for (auto* position : {&progress.cursor, &progress.needed_after, &progress.replayed_to})
      *position = position->of_generation(data_->generation);
  }

  [[nodiscard]] log_position place(std::uint64_t number) const { return {0, number, data_->generation}; }

  result<log_position> read(const get_log_end&) const { return place(data_->log.size()); }

  result<order_counts> read(const count_orders& query) const {
    order_counts answer;
    for (const auto& status : query.statuses) {
      const auto count =
        std::ranges::count_if(data_->orders, [&](const auto& entry) { return entry.second.status == status; });
      answer.counts.push_back(std::min<std::uint64_t>(static_cast<std::uint64_t>(count), query.most));
    }
    return answer;
  }

  result<state_page> read(const list_orders& query) const {
    std::vector<order_row> rows;
    for (const auto& [id, row] : data_->orders)
      if (wants(query, row))
        rows.push_back(row);
    sort_by_time(rows, query.oldest_first);
    state_page page;
    for (const auto& row : rows) {
      const auto stored = read(load_entity{entity_kind::order, row.id}).value();
      if (stored.later.empty() && query.search.is_empty() && !order::needs_state(query.statuses)) {
        add_to_page(page.states, page.more, query.limit, stored.state);
        continue;
      }
      const auto state = present_state(stored);
      const bool has_status = query.statuses.empty() || is_among(name_of(state.status), query.statuses);
      if (has_status && order::matches(query.search, state))
        add_to_page(page.states, page.more, query.limit, encode(state));
    }
    return page;
  }

  /// The stored state with the events that came after it.
  static order::state present_state(const stored_entity& stored) {
    auto state = stored.state.empty() ? order::state{} : decode<order::state>(stored.state).value();
    for (const auto& item : stored.later)
      order::apply(state, decode_event<order::event>(item.type, item.schema, item.data).value(), item.at);
    return state;
  }

  result<state_page> read(const list_deliveries& query) const {
    return states_by_time(data_->deliveries, query, false);
  }

  result<state_page> read(const list_products& query) const {
    return states_by_id(data_->products, query, [words = folded_words(query.query)](const product_row& row) {
      const auto text = fold_text(row.sku) + '\n' + fold_text(row.name);
      return !row.withdrawn && std::ranges::all_of(words, [&](const std::string& word) {
        return text.find(word) != std::string::npos;
      });
    });
  }

  result<state_page> read(const list_couriers& query) const {
    return states_by_id(data_->couriers, query, [&](const courier_row& row) {
      return !row.removed && (!query.online || *query.online == row.online);
    });
  }

  result<notification_page> read(const list_notifications& query) const {
    notification_page page;
    for (auto it = data_->notifications.rbegin(); it != data_->notifications.rend(); ++it) {
      const auto& [customer, id] = it->first;
      const bool wanted = query.ids.empty() || std::ranges::find(query.ids, id) != query.ids.end();
      if (customer == query.customer && wanted && (!query.unread_only || !it->second.read_at)
          && (query.cursor_id.empty() || id < query.cursor_id))
        add_to_page(page.notifications, page.more, query.limit, it->second);
    }
    return page;
  }

  result<user_page> read(const find_user& query) const { return read(list_users{query.email, {}, {}, 1}); }

  result<user_page> read(const list_users& query) const {
    user_page page;
    for (auto it = data_->users.upper_bound(query.cursor_id); it != data_->users.end(); ++it)
      if (wants(query, it->second))
        add_to_page(page.users, page.more, query.limit, it->second);
    for (auto& user : page.users)
      user.password_hash.clear();
    return page;
  }

  result<found_service_key> read(const find_service_key& query) const {
    found_service_key answer;
    for (const auto& [id, row] : data_->service_keys)
      if (query.token_hash.empty() ? id == query.id : row.token_hash == query.token_hash)
        answer.key = row;
    return answer;
  }

  result<found_callers> read(const find_callers& query) const {
    found_callers answer;
    for (const auto& id : query.ids) {
      if (const auto user = data_->users.find(id); user != data_->users.end() && !user->second.disabled)
        answer.callers.push_back({id, user->second.roles});
      if (const auto key = data_->service_keys.find(id); key != data_->service_keys.end() && !key->second.revoked_at)
        answer.callers.push_back({id, key->second.roles});
    }
    return answer;
  }

  result<service_key_page> read(const list_service_keys& query) const {
    service_key_page page;
    for (auto it = data_->service_keys.upper_bound(query.cursor_id); it != data_->service_keys.end(); ++it)
      add_to_page(page.keys, page.more, query.limit, it->second);
    return page;
  }

  result<free_couriers> read(const find_free_couriers& query) const {
    std::vector<std::tuple<std::uint32_t, timestamp, std::string, std::uint32_t>> candidates;
    for (const auto& [id, row] : data_->couriers) {
      const auto offered = std::count_if(data_->deliveries.begin(), data_->deliveries.end(), [&](const auto& delivery) {
        return delivery.second.courier == row.id && delivery.second.status == "offered";
      });
      const auto busy = row.active + static_cast<std::uint32_t>(offered);
      if (row.online && busy < row.capacity)
        candidates.emplace_back(busy, row.changed_at, id, row.capacity - busy);
    }
    std::sort(candidates.begin(), candidates.end());
    free_couriers answer;
    for (const auto& [busy, since, id, places] : candidates)
      if (answer.couriers.size() < query.limit)
        answer.couriers.push_back({id, places});
    return answer;
  }

  result<webhook_page> read(const list_webhooks& query) const {
    webhook_page page;
    for (auto it = data_->webhooks.upper_bound(query.cursor_id); it != data_->webhooks.end(); ++it)
      if (const auto entity = data_->entities.find(it->first); entity != data_->entities.end()) {
        stored_webhook stored{entity->second.snapshot.state, it->second.progress};
        stamp(stored.progress);
        add_to_page(page.webhooks, page.more, query.limit, stored);
      }
    return page;
  }

  result<sink_page> read(const list_sinks& query) const { return data_->find_sinks(query); }

  result<function_page> read(const list_functions& query) const { return data_->find_functions(query); }
  result<function_revision> read(const get_function_revision&) const { return data_->revision_of_functions(); }

  result<webhook_delivery_page> read(const list_webhook_deliveries& query) const {
    std::vector<webhook_delivery_row> rows;
    for (const auto& [key, row] : data_->webhook_deliveries)
      if (wants(query, row))
        rows.push_back(row);
    for (auto& row : rows)
      row.position = row.position.of_generation(data_->generation);
    if (!query.oldest_first)
      std::reverse(rows.begin(), rows.end());
    webhook_delivery_page page;
    for (const auto& row : rows)
      add_to_page(page.deliveries, page.more, query.limit, row);
    return page;
  }

  result<void> read(const check_store&) const { return {}; }

  // -- pages of states ------------------------------------------------------------------------------------------------

  /// Of the rows behind the query's cursor that `wanted` holds for.
  template <class Row, class Query, class Predicate>
  state_page states_by_id(const std::map<std::string, Row>& table, const Query& query, Predicate wanted) const {
    state_page page;
    for (auto it = table.upper_bound(query.cursor_id); it != table.end(); ++it)
      if (wanted(it->second))
        add_state(page, it->first, query.limit);
    return page;
  }

  template <class Row, class Query>
  state_page states_by_time(const std::map<std::string, Row>& table, const Query& query, bool oldest_first) const {
    std::vector<Row> rows;
    for (const auto& [id, row] : table)
      if (wants(query, row))
        rows.push_back(row);
    sort_by_time(rows, oldest_first);
    state_page page;
    for (const auto& row : rows)
      add_state(page, row.id, query.limit);
    return page;
  }

  void add_state(state_page& page, const std::string& id, std::uint32_t limit) const {
    if (const auto entity = data_->entities.find(id); entity != data_->entities.end())
      add_to_page(page.states, page.more, limit, entity->second.snapshot.state);
  }

  std::shared_ptr<contents> data_;
};

} // namespace

std::unique_ptr<query_store> memory_database::open_query() const {
  return std::make_unique<memory_query>(contents_);
}

} // namespace waybill::test
