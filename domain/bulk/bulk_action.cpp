#include "domain/bulk/bulk_action.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/transitions.hpp"

#include <algorithm>
#include <set>

namespace waybill::bulk {

namespace {

using events = std::vector<event>;

auto find(const state& current, const order_id& order) {
  return std::ranges::find(current.items, order, &item::order);
}

bool is_open(const item& x) noexcept {
  return x.status == item_status::pending || x.status == item_status::begun;
}

/// Adds that all is over, if it is once `recorded` are applied.
events with_end(const state& current, events recorded) {
  auto next = current;
  for (const auto& event : recorded)
    apply(next, event, next.updated_at);
  const bool stopped = next.status == status::stopping;
  const auto open = std::ranges::count_if(next.items, is_open);
  const bool over = open == 0 || (stopped && count_of(next, item_status::begun) == 0);
  if (is_under_way(next) && over)
    recorded.emplace_back(ended{open > 0});
  return recorded;
}

struct decider {
  const state& current;

  result<events> operator()(const start& cmd) const {
    if (current.version > 0) {
      if (current.fingerprint != cmd.facts.fingerprint)
        return failure{ec::idempotency_key_reused, current.id.value + " was started by another request"};
      return events{};
    }
    const auto& orders = cmd.facts.orders;
    if (orders.empty() || orders.size() > max_orders)
      return failure{ec::invalid_argument, "there must be 1 to " + std::to_string(max_orders) + " orders"};
    if (std::set(orders.begin(), orders.end()).size() != orders.size())
      return failure{ec::invalid_argument, "an order comes twice"};
    return events{cmd.facts};
  }

  result<events> operator()(const record_progress& cmd) const {
    if (current.version == 0)
      return missing();
    if (!is_under_way(current))
      return events{};
    events recorded;
    orders_ended ended_orders;
    for (const auto& known : cmd.results)
      if (const auto place = find(current, known.order); place != current.items.end() && is_open(*place))
        ended_orders.results.push_back(known);
    if (!ended_orders.results.empty())
      recorded.emplace_back(std::move(ended_orders));
    orders_begun begun;
    for (const auto& wanted : cmd.begun)
      if (may_begin(wanted))
        begun.orders.push_back(wanted);
    if (!begun.orders.empty())
      recorded.emplace_back(std::move(begun));
    return recorded.empty() ? recorded : with_end(current, std::move(recorded));
  }

  [[nodiscard]] bool may_begin(const decided_order& wanted) const {
    const auto known = find(current, wanted.order);
    if (known == current.items.end() || !is_open(*known))
      return false;
    return known->status == item_status::pending ? current.status == status::running : known->version != wanted.version;
  }

  result<events> operator()(const request_stop& cmd) const {
    if (current.version == 0)
      return missing();
    if (current.status != status::running)
      return events{};
    return with_end(current, {stop_requested{cmd.by}});
  }

  static failure missing() { return {ec::not_found, "there is no such bulk action"}; }
};

struct applier {
  state& current;

  void operator()(const started& e) const {
    current.id = e.bulk_action;
    current.action = e.action;
    current.outcome = e.outcome;
    current.reason = e.reason;
    current.dry_run = e.dry_run;
    current.more = e.more;
    current.by = e.by;
    current.correlation = e.correlation;
    current.traceparent = e.traceparent;
    current.fingerprint = e.fingerprint;
    current.status = status::running;
    for (const auto& order : e.orders)
      current.items.push_back({order});
  }
  void operator()(const orders_begun& e) const {
    for (const auto& begun : e.orders)
      if (auto* known = find_item(begun.order)) {
        known->status = item_status::begun;
        known->version = begun.version;
      }
  }
  void operator()(const orders_ended& e) const {
    for (const auto& result : e.results)
      if (auto* known = find_item(result.order)) {
        known->status = result.code.empty() ? item_status::done : item_status::refused;
        known->code = result.code;
        known->detail = result.detail;
      }
  }
  void operator()(const stop_requested&) const { current.status = status::stopping; }
  void operator()(const ended& e) const { current.status = e.stopped ? status::stopped : status::finished; }

  item* find_item(const order_id& order) const {
    const auto place = std::ranges::find(current.items, order, &item::order);
    return place == current.items.end() ? nullptr : &*place;
  }
};

} // namespace

bool is_under_way(const state& current) noexcept {
  return current.status == status::running || current.status == status::stopping;
}

std::size_t count_of(const state& current, item_status status) noexcept {
  return static_cast<std::size_t>(std::ranges::count(current.items, status, &item::status));
}

std::vector<item> items_of(const state& current, item_status status, std::size_t limit) {
  std::vector<item> found;
  for (const auto& x : current.items)
    if (x.status == status && found.size() < limit)
      found.push_back(x);
  return found;
}

result<std::vector<event>> decide(const state& current, const command& cmd) {
  return std::visit(decider{current}, cmd);
}

void apply(state& current, const event& recorded, timestamp at) {
  std::visit(applier{current}, recorded);
  touch(current, at);
}

} // namespace waybill::bulk
