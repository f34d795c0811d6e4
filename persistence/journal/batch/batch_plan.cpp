#include "persistence/journal/batch/batch_plan.hpp"

#include "domain/base/errors.hpp"
#include "domain/json/utf8.hpp"
#include "persistence/faults/refused_appends.hpp"
#include "persistence/search/product_search.hpp"

#include <algorithm>
#include <unordered_map>

namespace waybill {

namespace {

/// UTF-8 without NUL: what both databases keep. Anything else would make the whole batch fail.
bool is_text(std::string_view text) noexcept {
  return is_utf8(text) && text.find('\0') == std::string_view::npos;
}

template <class... Texts>
bool are_texts(const Texts&... texts) noexcept {
  return (is_text(texts) && ...);
}

bool is_storable(const order_row& row) {
  return are_texts(row.id, row.customer, row.status);
}
bool is_storable(const product_row& row) {
  return are_texts(row.id, row.sku, row.name);
}
bool is_storable(const reservation_row& row) {
  return are_texts(row.product, row.order);
}
bool is_storable(const reservation_forgotten& row) {
  return are_texts(row.product, row.order);
}
bool is_storable(const stock_adjustment_row& row) {
  return are_texts(row.product, row.id, row.reason, row.answer);
}
bool is_storable(const notification_row& row) {
  return are_texts(row.id, row.customer, row.order, row.kind, row.text);
}
bool is_storable(const notification_read& mark) {
  return are_texts(mark.customer, mark.id);
}

bool is_storable(const user_row& row) {
  return are_texts(row.id, row.email, row.name, row.password_hash, row.roles);
}
bool is_storable(const service_key_row& row) {
  return are_texts(row.id, row.name, row.token_hash, row.roles, row.created_by);
}
bool is_storable(const courier_row& row) {
  return is_text(row.id);
}
bool is_storable(const delivery_row& row) {
  return are_texts(row.id, row.courier, row.status);
}
bool is_storable(const webhook_progress& row) {
  return are_texts(row.id, row.last_error);
}
bool is_storable(const webhook_row& row) {
  return are_texts(row.id, row.secret, row.previous_secret) && is_storable(row.progress);
}
bool is_storable(const webhook_removed& row) {
  return is_text(row.id);
}
bool is_storable(const webhook_delivery_row& row) {
  return are_texts(row.endpoint, row.message, row.stream, row.type, row.delivery.last_error);
}
bool is_storable(const webhook_delivery_forgotten& row) {
  return is_text(row.endpoint);
}

bool is_storable(const sink_progress& row) {
  return are_texts(row.id, row.last_error);
}
bool is_storable(const sink_row& row) {
  return are_texts(row.id, row.password) && is_storable(row.progress);
}
bool is_storable(const sink_removed& row) {
  return is_text(row.id);
}

bool is_storable(const entity_wait& row) {
  return are_texts(row.id, row.snapshot.state);
}

bool is_storable(const append& request) {
  return are_texts(request.stream, request.order, request.customer, request.origin.correlation_id,
                   request.origin.causation_id, request.origin.traceparent, request.origin.by_kind,
                   request.origin.by_id)
         && (!request.snapshot || is_text(request.snapshot->state))
         && std::all_of(request.events.begin(), request.events.end(),
                        [](const new_event& event) {
                          return are_texts(event.type, event.data, event.order, event.customer);
                        })
         && std::all_of(request.rows.begin(), request.rows.end(), [](const row_change& change) {
              return std::visit([](const auto& row) { return is_storable(row); }, change);
            });
}

class planner {
public:
  planner(std::span<const append> batch, fact_source* facts) : batch_{batch}, facts_{facts} {}

  std::optional<batch_plan> run() {
    collect_streams();
    for (std::size_t i = 0; i < batch_.size(); ++i) {
      auto outcome = is_void_ && batch_[i].epoch != 0 ? built_on_refused()
                     : storable_[i]                   ? decide(batch_[i])
                                                      : not_storable();
      if (!outcome)
        return std::nullopt;
      is_void_ = is_void_ || (!*outcome && batch_[i].is_built_on);
      plan_.outcomes.push_back(std::move(*outcome));
    }
    if (facts_ == nullptr && !is_provable())
      return std::nullopt;
    sort_by_stream();
    return std::move(plan_);
  }

private:
  struct stream_plan {
    stream_write write;
    std::uint64_t first_version = 0;
    bool version_was_seen = false;
    std::vector<event_write> events;
    /// An append was refused. Those behind it may build on it, even if another writer's append has the version that
    /// they expect.
    bool refused = false;
  };

  void collect_streams() {
    std::vector<std::string_view> names;
    for (const auto& request : batch_) {
      storable_.push_back(is_storable(request));
      if (!storable_.back() || !index_.emplace(request.stream, streams_.size()).second)
        continue;
      auto& added = streams_.emplace_back();
      added.write.id = request.stream;
      added.write.kind = request.kind;
      added.write.version = added.write.version_before = added.first_version = request.expected_version;
      if (request.expected_version > 0)
        added.write.replaces = request.expected_version;
      added.version_was_seen = added.write.may_be_older = request.version_was_seen;
      names.push_back(request.stream);
    }
    if (facts_ == nullptr)
      return;
    const auto known = facts_->look_up(names);
    for (std::size_t i = 0; i < known.size(); ++i) {
      streams_[i].write.version = streams_[i].write.version_before = known[i].version;
      streams_[i].write.replaces = known[i].entity_version;
      streams_[i].write.may_be_older = false;
    }
  }

  static std::optional<result<appended>> not_storable() {
    return failure{ec::invalid_argument, "a text is not UTF-8 or holds NUL"};
  }

  static std::optional<result<appended>> built_on_refused() {
    return failure{ec::conflict, "an append that was placed before this one was refused"};
  }

  /// Nothing when only the database knows.
  std::optional<result<appended>> decide(const append& request) {
    auto& target = streams_[index_.at(request.stream)];
    if (target.refused || target.write.version != request.expected_version) {
      if (facts_ == nullptr)
        return std::nullopt;
      if (facts_->is_written(request))
        return appended{request.expected_version + request.events.size()};
      target.refused = true;
      return failure{ec::conflict, "another writer was first in stream " + request.stream};
    }
    if (refused_appends::concerns(request)) {
      if (facts_ == nullptr)
        return std::nullopt;
      if (refused_appends::hits()) {
        target.refused = true;
        return failure{ec::conflict, "fault injection refuses an append to stream " + request.stream};
      }
    }
    for (const auto& change : request.rows) {
      const auto refusal = refusal_of_value(change);
      if (!refusal)
        continue;
      if (facts_ == nullptr)
        return std::nullopt;
      return failure{ec::duplicate, *refusal};
    }
    accept(request, target);
    return appended{target.write.version};
  }

  /// The refusal, if the row has a unique value that another row has.
  std::optional<std::string> refusal_of_value(const row_change& change) {
    if (const auto* product = std::get_if<product_row>(&change))
      if (!has_free_sku(*product))
        return "another product has the SKU " + product->sku;
    if (const auto* user = std::get_if<user_row>(&change))
      if (!is_free(emails_, user->email, user->id, &fact_source::user_of))
        return "there is an account of that e-mail address";
    return std::nullopt;
  }

  bool has_free_sku(const product_row& product) {
    if (const auto known = skus_.find(unique_sku(product.sku)); known != skus_.end())
      return known->second == product.id;
    if (facts_ == nullptr)
      return true;
    const auto holder = facts_->holder_of(product.sku);
    return !holder || *holder == product.id;
  }

  using holders = std::unordered_map<std::string_view, std::string_view>;

  /// A value that another row gives up in this batch is free in the next.
  bool is_free(const holders& known, const std::string& value, const std::string& id,
               std::optional<std::string> (fact_source::*look_up)(const std::string&)) {
    if (const auto known_holder = known.find(value); known_holder != known.end())
      return known_holder->second == id;
    if (facts_ == nullptr)
      return true;
    const auto holder = (facts_->*look_up)(value);
    return !holder || *holder == id;
  }

  void accept(const append& request, stream_plan& target) {
    creates_ = target.write.version == 0;
    for (const auto& event : request.events)
      target.events.push_back({&request, &event, ++target.write.version});
    if (request.snapshot) {
      target.write.snapshot = &*request.snapshot;
      target.write.snapshot_version = target.write.version;
    }
    for (const auto& change : request.rows)
      std::visit([this](const auto& row) { add(row); }, change);
  }

  void add(const order_row& row) {
    auto& write = plan_.orders[row.id];
    write.row = &row;
    write.is_new = write.is_new || creates_;
  }
  void add(const product_row& row) {
    plan_.products[row.id] = &row;
    skus_[unique_sku(row.sku)] = row.id;
  }
  void add(const user_row& row) {
    plan_.users[row.id] = &row;
    emails_[row.email] = row.id;
  }
  void add(const service_key_row& row) { plan_.service_keys[row.id] = &row; }
  void add(const courier_row& row) { plan_.couriers[row.id] = &row; }
  void add(const delivery_row& row) { plan_.deliveries[row.id] = &row; }
  void add(const webhook_row& row) { plan_.webhooks[row.id] = &row; }
  void add(const webhook_removed& row) { plan_.webhooks[row.id] = nullptr; }
  void add(const webhook_progress& row) { plan_.webhook_progresses[row.id] = &row; }
  void add(const webhook_delivery_row& row) { plan_.webhook_deliveries[{row.endpoint, row.position}] = &row; }
  void add(const sink_row& row) { plan_.sinks[row.id] = &row; }
  void add(const sink_removed& row) { plan_.sinks[row.id] = nullptr; }
  void add(const sink_progress& row) { plan_.sink_progresses[row.id] = &row; }
  void add(const entity_wait& row) { plan_.waits[row.id] = &row; }
  void add(const webhook_delivery_forgotten& row) { plan_.webhook_deliveries[{row.endpoint, row.position}] = nullptr; }
  void add(const reservation_row& row) { plan_.reservations[{row.product, row.order}] = &row.reservation; }
  void add(const reservation_forgotten& row) { plan_.reservations[{row.product, row.order}] = nullptr; }
  void add(const stock_adjustment_row& row) { plan_.stock_adjustments[{row.product, row.id}] = &row; }
  void add(const notification_row& row) { plan_.notifications[{row.customer, row.id}].row = &row; }
  void add(const notification_read& mark) {
    plan_.notifications_read.push_back(&mark);
    for (auto& [key, write] : plan_.notifications)
      if (key.first == mark.customer && (mark.id.empty() || key.second == mark.id) && !write.read_at)
        write.read_at = mark.read_at;
  }

  /// The first new event of a stream proves that no other writer wrote that version: the key would be taken. That there
  /// is no gap before it is proved by the state that is replaced, by the stream being new, or by the writer having seen
  /// the version before.
  [[nodiscard]] bool is_provable() const {
    return std::all_of(streams_.begin(), streams_.end(), [](const stream_plan& stream) {
      // An append without a stream is not conditional.
      if (stream.write.id.empty())
        return true;
      return !stream.events.empty()
             && (stream.write.snapshot != nullptr || stream.first_version == 0 || stream.version_was_seen);
    });
  }

  void sort_by_stream() {
    std::sort(streams_.begin(), streams_.end(),
              [](const stream_plan& a, const stream_plan& b) { return a.write.id < b.write.id; });
    for (const auto& stream : streams_) {
      plan_.streams.push_back(stream.write);
      plan_.events.insert(plan_.events.end(), stream.events.begin(), stream.events.end());
    }
  }

  std::span<const append> batch_;
  fact_source* facts_;
  batch_plan plan_;
  std::vector<bool> storable_;
  std::vector<stream_plan> streams_;
  std::unordered_map<std::string_view, std::size_t> index_;
  /// By the SKU as it is compared.
  std::unordered_map<std::string, std::string_view> skus_;
  holders emails_;
  /// The append under way is the first of its stream.
  bool creates_ = false;
  /// An append was refused that those behind it may build on.
  bool is_void_ = false;
};

} // namespace

bool batch_plan::is_empty() const {
  const bool has_state =
    std::any_of(streams.begin(), streams.end(), [](const stream_write& stream) { return stream.snapshot != nullptr; });
  return events.empty() && !has_state && waits.empty() && orders.empty() && products.empty() && reservations.empty()
         && stock_adjustments.empty() && notifications.empty() && notifications_read.empty() && users.empty()
         && service_keys.empty() && couriers.empty() && deliveries.empty() && webhooks.empty()
         && webhook_progresses.empty() && webhook_deliveries.empty() && sinks.empty() && sink_progresses.empty();
}

std::optional<batch_plan> make_plan(std::span<const append> batch, fact_source* facts) {
  return planner{batch, facts}.run();
}

} // namespace waybill
