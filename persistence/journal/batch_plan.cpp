#include "persistence/journal/batch_plan.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/utf8.hpp"

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

bool is_storable(const append& what) {
  return are_texts(what.stream, what.order, what.customer, what.origin.correlation_id, what.origin.causation_id,
                   what.origin.traceparent, what.origin.by_kind, what.origin.by_id)
         && (!what.snapshot || is_text(what.snapshot->state))
         && std::all_of(what.events.begin(), what.events.end(),
                        [](const new_event& event) { return are_texts(event.type, event.data); })
         && std::all_of(what.rows.begin(), what.rows.end(), [](const row_change& change) {
              return std::visit([](const auto& row) { return is_storable(row); }, change);
            });
}

class planner {
public:
  planner(std::span<const append> batch, fact_source* facts) : batch_{batch}, facts_{facts} {}

  std::optional<batch_plan> run() {
    collect_streams();
    for (std::size_t i = 0; i < batch_.size(); ++i) {
      auto outcome = storable_[i] ? judge(batch_[i]) : not_storable();
      if (!outcome)
        return std::nullopt;
      plan_.outcomes.push_back(std::move(*outcome));
    }
    if (facts_ == nullptr && !is_provable())
      return std::nullopt;
    sort_by_stream();
    return std::move(plan_);
  }

private:
  struct chain {
    stream_write write;
    std::uint64_t first_version = 0;
    bool version_was_seen = false;
    std::vector<event_write> events;
    /// What comes behind a refused append may build on it, even if another writer's has the version that it expects.
    bool refused = false;
  };

  void collect_streams() {
    std::vector<std::string_view> names;
    for (const auto& what : batch_) {
      storable_.push_back(is_storable(what));
      if (!storable_.back() || !index_.emplace(what.stream, chains_.size()).second)
        continue;
      auto& added = chains_.emplace_back();
      added.write.id = what.stream;
      added.write.kind = what.kind;
      added.write.version = added.write.base = added.first_version = what.expected_version;
      if (what.expected_version > 0)
        added.write.replaces = what.expected_version;
      added.version_was_seen = added.write.may_be_older = what.version_was_seen;
      names.push_back(what.stream);
    }
    if (facts_ == nullptr)
      return;
    const auto known = facts_->look_up(names);
    for (std::size_t i = 0; i < known.size(); ++i) {
      chains_[i].write.version = chains_[i].write.base = known[i].version;
      chains_[i].write.replaces = known[i].entity_version;
      chains_[i].write.may_be_older = false;
    }
  }

  static std::optional<result<appended>> not_storable() {
    return failure{ec::invalid_argument, "a text is not UTF-8 or holds NUL"};
  }

  /// Nothing: only the database can say.
  std::optional<result<appended>> judge(const append& what) {
    auto& target = chains_[index_.at(what.stream)];
    if (target.refused || target.write.version != what.expected_version) {
      if (facts_ == nullptr)
        return std::nullopt;
      if (facts_->is_written(what))
        return appended{what.expected_version + what.events.size()};
      target.refused = true;
      return failure{ec::conflict, "another writer was first in stream " + what.stream};
    }
    for (const auto& change : what.rows) {
      const auto taken = taken_by_another(change);
      if (!taken)
        continue;
      if (facts_ == nullptr)
        return std::nullopt;
      return failure{ec::duplicate, *taken};
    }
    accept(what, target);
    return appended{target.write.version};
  }

  /// What is taken, if the row has a unique value that another one has.
  std::optional<std::string> taken_by_another(const row_change& change) {
    if (const auto* product = std::get_if<product_row>(&change))
      if (!is_free(skus_, product->sku, product->id, &fact_source::holder_of))
        return "another product has the SKU " + product->sku;
    if (const auto* user = std::get_if<user_row>(&change))
      if (!is_free(emails_, user->email, user->id, &fact_source::user_of))
        return "there is an account of that e-mail address";
    return std::nullopt;
  }

  using holders = std::unordered_map<std::string_view, std::string_view>;

  /// A value that another one gives up in the same batch can be taken in the next.
  bool is_free(const holders& known, const std::string& value, const std::string& id,
               std::optional<std::string> (fact_source::*look_up)(const std::string&)) {
    const auto found = known.find(value);
    if (found != known.end())
      return found->second == id;
    if (facts_ == nullptr)
      return true;
    const auto holder = (facts_->*look_up)(value);
    return !holder || *holder == id;
  }

  void accept(const append& what, chain& target) {
    creates_ = target.write.version == 0;
    for (const auto& event : what.events)
      target.events.push_back({&what, &event, ++target.write.version});
    if (what.snapshot) {
      target.write.snapshot = &*what.snapshot;
      target.write.snapshot_version = target.write.version;
    }
    for (const auto& change : what.rows)
      std::visit([this](const auto& row) { add(row); }, change);
  }

  void add(const order_row& row) {
    auto& write = plan_.orders[row.id];
    write.row = &row;
    write.is_new = write.is_new || creates_;
  }
  void add(const product_row& row) {
    plan_.products[row.id] = &row;
    skus_[row.sku] = row.id;
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
  void add(const webhook_delivery_forgotten& row) { plan_.webhook_deliveries[{row.endpoint, row.position}] = nullptr; }
  void add(const reservation_row& row) { plan_.reservations[{row.product, row.order}] = &row.reservation; }
  void add(const reservation_forgotten& row) { plan_.reservations[{row.product, row.order}] = nullptr; }
  void add(const notification_row& row) { plan_.notifications[{row.customer, row.id}].row = &row; }
  void add(const notification_read& mark) {
    plan_.notifications_read.push_back(&mark);
    for (auto& [key, write] : plan_.notifications)
      if (key.first == mark.customer && (mark.id.empty() || key.second == mark.id) && !write.read_at)
        write.read_at = mark.read_at;
  }

  /// The first new event of a stream proves that nobody else wrote it; the state that is replaced, or that the stream
  /// is new, or that the writer has seen the version before it, proves that there is no gap.
  [[nodiscard]] bool is_provable() const {
    return std::all_of(chains_.begin(), chains_.end(), [](const chain& one) {
      // Without a stream there is nothing to be proved.
      if (one.write.id.empty())
        return true;
      return !one.events.empty() && (one.write.snapshot != nullptr || one.first_version == 0 || one.version_was_seen);
    });
  }

  void sort_by_stream() {
    std::sort(chains_.begin(), chains_.end(), [](const chain& a, const chain& b) { return a.write.id < b.write.id; });
    for (const auto& one : chains_) {
      plan_.streams.push_back(one.write);
      plan_.events.insert(plan_.events.end(), one.events.begin(), one.events.end());
    }
  }

  std::span<const append> batch_;
  fact_source* facts_;
  batch_plan plan_;
  std::vector<bool> storable_;
  std::vector<chain> chains_;
  std::unordered_map<std::string_view, std::size_t> index_;
  holders skus_;
  holders emails_;
  /// The append under way is the first of its stream.
  bool creates_ = false;
};

} // namespace

bool batch_plan::is_empty() const {
  const bool has_state =
    std::any_of(streams.begin(), streams.end(), [](const stream_write& one) { return one.snapshot != nullptr; });
  return events.empty() && !has_state && orders.empty() && products.empty() && reservations.empty()
         && notifications.empty() && notifications_read.empty() && users.empty() && service_keys.empty()
         && couriers.empty() && deliveries.empty() && webhooks.empty() && webhook_progresses.empty()
         && webhook_deliveries.empty();
}

std::optional<batch_plan> make_plan(std::span<const append> batch, fact_source* facts) {
  return planner{batch, facts}.run();
}

} // namespace waybill
