#include "domain/base/errors.hpp"
#include "domain/json/codec.hpp"
#include "tests/gateway/support/scripted.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <utility>

// The reader of the database, and the actor that keeps notifications.

namespace waybill::test::scripted {

namespace {

template <class State>
stored_entity stored(const std::map<std::string, State>& all, const std::string& id) {
  const auto found = all.find(id);
  if (found == all.end())
    return {};
  stored_entity entity;
  entity.version = found->second.version;
  entity.state = encode(found->second);
  if constexpr (std::is_same_v<State, order::state>)
    entity.unfinished = order::has_work(found->second);
  return entity;
}

/// Orders, payments and deliveries are stored as they are.
stored_entity stored(world& w, const load_entity& wanted) {
  std::lock_guard guard{w.mutex};
  if (wanted.kind == entity_kind::payment)
    return stored(w.payments, wanted.id);
  if (wanted.kind == entity_kind::delivery)
    return stored(w.deliveries, wanted.id);
  return stored(w.orders, wanted.id);
}

caf::result<log_page> page_of(world& w, const read_log& x) {
  if (is_expired(w, x.after, x.from_earliest))
    return caf::make_error(ec::cursor_expired, "removed");
  log_page page{behind(w, x.after, x.filter), x.after, x.seen};
  const auto was_seen = [&](const stored_event& event) {
    return std::ranges::any_of(
      x.seen, [&](const seen_stream& known) { return known.stream == event.stream && event.version <= known.version; });
  };
  std::erase_if(page.events, was_seen);
  if (page.events.size() > x.limit)
    page.events.resize(x.limit);
  for (auto& event : page.events)
    if (event.position > position(w.settled)) {
      event.position = position(w.settled);
      page.seen = {{event.stream, event.version}};
    }
  if (!page.events.empty())
    page.next = page.events.back().position;
  return page;
}

stream_events events_of(world& w, const read_stream_events& wanted) {
  std::lock_guard guard{w.mutex};
  stream_events page;
  for (const auto& event : w.log)
    if (event.stream == wanted.stream && event.version > wanted.version && page.events.size() < wanted.limit)
      page.events.push_back(event);
  return page;
}

log_position end_of(world& w) {
  std::lock_guard guard{w.mutex};
  return w.log.empty() ? log_position{} : w.log.back().position;
}

user_page find_users(world& w, const find_user& wanted) {
  std::lock_guard guard{w.mutex};
  user_page page;
  for (const auto& [id, user] : w.users)
    if (wanted.email.empty() || user.email == wanted.email)
      page.users.push_back({id, user.email, user.name, {}, "customer", false, user.created_at});
  return page;
}

found_service_key find_key(world& w, const find_service_key& wanted) {
  std::lock_guard guard{w.mutex};
  for (const auto& [hash, key] : w.keys)
    if (wanted.token_hash.empty() ? key.id == wanted.id : hash == wanted.token_hash)
      return {key};
  return {};
}

/// Callers that no test speaks of have all rights.
found_callers find_all(world& w, const find_callers& wanted) {
  std::lock_guard guard{w.mutex};
  ++w.caller_lookups;
  found_callers answer;
  for (const auto& id : wanted.ids) {
    const auto known = w.accounts.find(id);
    if (known == w.accounts.end())
      answer.callers.push_back({id, "customer,courier,operator,admin"});
    else if (known->second)
      answer.callers.push_back({id, *known->second});
  }
  return answer;
}

reader_actor::behavior_type reader(world_ptr w) {
  return {[w](abandon_request&) { ++w->abandoned; },
          [w](load_entity& x) { return stored(*w, x); },
          [](find_reservation&) { return found_reservation{}; },
          [](find_ended_orders&) { return ended_orders{}; },
          [](find_stock_adjustment&) { return found_stock_adjustment{}; },
          [](list_due&) { return due_page{}; },
          [w](read_log& x) { return page_of(*w, x); },
          [w](read_stream_events& x) { return events_of(*w, x); },
          [w](get_log_end&) { return end_of(*w); },
          [w](list_orders& x) {
            std::lock_guard guard{w->mutex};
            w->order_lists.push_back(x);
            return w->page;
          },
          [](count_orders& x) { return order_counts{std::vector<std::uint64_t>(x.statuses.size())}; },
          [w](list_products&) {
            std::lock_guard guard{w->mutex};
            return w->page;
          },
          [w](list_notifications& x) {
            std::lock_guard guard{w->mutex};
            w->notification_lists.push_back(x);
            notification_page page;
            page.notifications.push_back({{"ntf_00000000000000000001", x.customer, "ord_00000000000000000001",
                                           "order.confirmed", "Confirmed.", now()},
                                          {}});
            return page;
          },
          [w](find_user& x) { return find_users(*w, x); },
          [w](list_users&) { return find_users(*w, {}); },
          [w](find_service_key& x) -> caf::result<found_service_key> {
            if (w->no_key_lookups)
              return refused(ec::unavailable);
            return find_key(*w, x);
          },
          [w](find_callers& x) { return find_all(*w, x); },
          [w](list_service_keys&) {
            std::lock_guard guard{w->mutex};
            service_key_page page;
            for (const auto& [hash, key] : w->keys)
              page.keys.push_back(key);
            return page;
          },
          [w](list_couriers& x) {
            std::lock_guard guard{w->mutex};
            w->courier_lists.push_back(x);
            return w->page;
          },
          [w](list_deliveries& x) {
            std::lock_guard guard{w->mutex};
            w->delivery_lists.push_back(x);
            return w->page;
          },
          [](find_free_couriers&) { return free_couriers{}; },
          [w](list_webhooks& x) {
            std::lock_guard guard{w->mutex};
            w->webhook_lists.push_back(x);
            return w->webhooks;
          },
          [w](list_sinks& x) {
            std::lock_guard guard{w->mutex};
            w->sink_lists.push_back(x);
            return w->sinks;
          },
          [w](list_functions& x) {
            std::lock_guard guard{w->mutex};
            w->function_lists.push_back(x);
            return w->functions;
          },
          [](get_function_revision&) { return function_revision{}; },
          [w](list_webhook_deliveries& x) {
            std::lock_guard guard{w->mutex};
            w->webhook_delivery_lists.push_back(x);
            return w->webhook_deliveries;
          },
          [](check_store&) {}};
}

caf::result<notification_pushed> push(world& w, const push_notification& x) {
  std::lock_guard guard{w.mutex};
  w.pushes.push_back(x);
  const auto order = w.orders.find(x.order.value);
  if (!x.order.empty() && (order == w.orders.end() || order->second.customer != x.customer))
    return refused(ec::invalid_argument);
  notification_row row{make_id<notification_id>().value, x.customer.value, x.order.value,
                       std::string{pushed_kind},         x.text,           now()};
  const auto& [place, is_new] = w.pushed.try_emplace(x.intent, std::move(row));
  if (place->second.text != x.text)
    return refused(ec::idempotency_key_reused);
  return notification_pushed{place->second, !is_new};
}

notifier_actor::behavior_type notifier(world_ptr w) {
  return {[](log_advanced&) {},
          [](mark_notifications_read& x) -> caf::result<notifications_marked> {
            if (!x.id.empty() && x.id != "ntf_00000000000000000001")
              return refused(ec::not_found);
            return notifications_marked{now()};
          },
          [w](push_notification& x) { return push(*w, x); }};
}

} // namespace

reader_actor spawn_reader(caf::actor_system& sys, world_ptr w) {
  return sys.spawn(reader, std::move(w));
}

notifier_actor spawn_notifier(caf::actor_system& sys, world_ptr w) {
  return sys.spawn(notifier, std::move(w));
}

} // namespace waybill::test::scripted
