#include "tests/support/invariant_check.hpp"

#include "domain/bulk/bulk_action.hpp"
#include "domain/function/function.hpp"
#include "domain/courier.hpp"
#include "domain/invariants.hpp"
#include "domain/json/codec.hpp"
#include "domain/order_view/listing.hpp"
#include "domain/sink/sink.hpp"
#include "domain/webhook/endpoint.hpp"
#include "messages/payments.hpp"
#include "tests/support/stored_contents.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace waybill::test {

namespace {

class checker {
public:
  using provider_books = std::map<std::string, ledger_entry>;

  explicit checker(stored_contents own) : own_(std::move(own)) {}

  invariant_report run(const stored_contents& provider) {
    check_versions(provider, "the provider's ledger");
    return run(read_books(provider));
  }

  invariant_report run(const provider_books& provider) {
    report_.events = own_.events.size();
    check_versions(own_, "our log");
    for (const auto& [id, entity] : own_.entities)
      check_entity(id, entity);
    check_orders();
    check_reservations();
    compare_ledgers(provider);
    return std::move(report_);
  }

private:
  void complain(std::string text) { report_.violations.push_back(std::move(text)); }

  // -- I4 -------------------------------------------------------------------------------------------------------------

  void check_versions(const stored_contents& contents, const std::string& where) {
    std::map<std::string, std::uint64_t> last;
    for (const auto& event : contents.events) {
      auto& version = last[event.stream];
      if (event.version != ++version)
        complain("I4: in " + where + " " + event.stream + " has version " + std::to_string(event.version) + " where "
                 + std::to_string(version) + " is due");
      version = event.version;
    }
    // A state may be older than its stream as long as the entity is marked as unfinished and is loaded again.
    for (const auto& [id, entity] : contents.entities)
      if (last[id] < entity.version || (last[id] > entity.version && !entity.unfinished))
        complain("I4: in " + where + " the state of " + id + " is of version " + std::to_string(entity.version)
                 + ", its stream ends at " + std::to_string(last[id]));
    // An entry of the provider's ledger is its event.
    for (const auto& [stream, version] : last)
      if (&contents == &own_ && !contents.entities.contains(stream))
        complain("I5: in " + where + " the stream " + stream + " has no state");
  }

  // -- I5 -------------------------------------------------------------------------------------------------------------

  void check_entity(const std::string& id, const stored_state& entity) {
    switch (entity.kind) {
      case entity_kind::order: check_order(id, entity); break;
      case entity_kind::product: check_product(id, entity); break;
      case entity_kind::payment: check_payment(id, entity); break;
      case entity_kind::delivery: check_delivery(id, entity); break;
      case entity_kind::courier: check_courier(id, entity); break;
      case entity_kind::webhook: check_replay<webhook::state, webhook::event>(id, entity); break;
      case entity_kind::bulk_action: check_replay<bulk::state, bulk::event>(id, entity); break;
      case entity_kind::sink: check_replay<sink::state, sink::event>(id, entity); break;
      case entity_kind::function: check_replay<function::state, function::event>(id, entity); break;
      case entity_kind::notifier:
      case entity_kind::auditor:
      case entity_kind::trigger:
      case entity_kind::cluster:
      case entity_kind::user:
      case entity_kind::service_key:
      case entity_kind::ledger_entry: break;
    }
  }

  void complain(const violations& broken) {
    for (const auto& violation : broken)
      complain(violation.invariant + ": " + violation.subject + ": " + violation.detail);
  }

  static const auto& state_of(const auto& current) {
    if constexpr (requires { current.state; })
      return current.state;
    else
      return current;
  }

  /// Replays the stream, checks the invariants on the way, and compares the result with the stored state.
  template <class Event, class Current>
  Current replay(const std::string& id, const stored_state& entity) {
    Current current{};
    auto then = state_of(current);
    violations broken;
    for (const auto* stored : own_.stream(id)) {
      const auto event = decode_event<Event>(stored->type, stored->schema, stored->data);
      if (!event) {
        complain("I5: version " + std::to_string(stored->version) + " of " + id
                 + " is unreadable: " + event.error().detail);
        return current;
      }
      invariants::follow(current, *event, stored->at, broken);
      if (stored->version == entity.version)
        then = state_of(current);
    }
    const auto kept = decode<decltype(then)>(entity.state);
    if (!kept)
      complain("I5: the stored state of " + id + " is unreadable: " + kept.error().detail);
    else
      invariants::compare_with_stored(id, then, *kept, broken);
    complain(broken);
    return current;
  }

  /// Nobody takes more than they can at that time.
  void check_courier(const std::string& id, const stored_state& entity) {
    courier::state state;
    for (const auto* stored : own_.stream(id)) {
      const auto event = decode_event<courier::event>(stored->type, stored->schema, stored->data);
      if (!event) {
        complain("I5: version " + std::to_string(stored->version) + " of " + id
                 + " is unreadable: " + event.error().detail);
        return;
      }
      const auto before = state.assignments.size();
      courier::apply(state, *event, stored->at);
      if (state.assignments.size() > before && state.assignments.size() > state.capacity)
        complain("courier " + id + " took more than they can at version " + std::to_string(stored->version));
    }
    if (entity.version == state.version && encode(state) != entity.state)
      complain("I5: the stored state of " + id + " is not what its events lead to");
  }

  template <class State, class Event>
  void check_replay(const std::string& id, const stored_state& entity) {
    State state;
    for (const auto* stored : own_.stream(id)) {
      const auto event = decode_event<Event>(stored->type, stored->schema, stored->data);
      if (!event) {
        complain("I5: version " + std::to_string(stored->version) + " of " + id
                 + " is unreadable: " + event.error().detail);
        return;
      }
      apply(state, *event, stored->at);
    }
    if (entity.version == state.version && encode(state) != entity.state)
      complain("I5: the stored state of " + id + " is not what its events lead to");
  }

  void check_order(const std::string& id, const stored_state& entity) {
    const auto order = replay<order::event, order::state>(id, entity);
    const auto row = own_.order_rows.find(id);
    if (row == own_.order_rows.end() || row->second.customer != order.customer.value
        || !order::may_be_listed_as(order.status, row->second.status) || row->second.created_at != order.created_at)
      complain("I5: the list of orders contradicts order " + id);
    if (entity.unfinished != order::has_work(order))
      complain("I3: order " + id + " is " + std::string{name_of(order.status)}
               + " and its mark of work says otherwise");
    if (!order::has_work(order) && entity.has_timer)
      complain("I3: order " + id + " is at rest and keeps a timer");
    report_.orders.push_back(order);
  }

  void check_product(const std::string& id, const stored_state& entity) {
    const auto product = replay<product::event, product::state>(id, entity);
    std::map<std::string, std::int64_t> live;
    std::int64_t sum = 0;
    for (const auto& row : own_.reservations)
      if (row.product == id && row.status == product::reservation_status::live) {
        live[row.order] = row.quantity;
        sum += row.quantity;
      }
    if (sum != product.reserved)
      complain("I2: " + id + " has " + std::to_string(product.reserved) + " reserved, its live reservations hold "
               + std::to_string(sum));
    std::map<std::string, std::int64_t> replayed;
    for (const auto& [order, held] : product.reservations)
      if (held.status == product::reservation_status::live)
        replayed[order.value] = held.quantity;
    if (replayed != live)
      complain("I5: the live reservations of " + id + " are not those that its events tell of");
  }

  void check_payment(const std::string& id, const stored_state& entity) {
    auto history = replay<payment::event, invariants::payment_history>(id, entity);
    const auto& payment = history.state;
    if (!payment::is_at_rest(payment) || (entity.unfinished && entity.version == payment.version))
      complain("I3: payment " + id + " is under way");
    payments_.emplace(payment.id.value, std::move(history));
  }

  void check_delivery(const std::string& id, const stored_state& entity) {
    const auto delivery = replay<delivery::event, delivery::state>(id, entity);
    if (!delivery::is_final(delivery.status) || entity.unfinished || entity.has_timer)
      complain("I3: delivery " + id + " is under way");
    deliveries_.emplace(id, delivery);
  }

  // -- orders and what they hold --------------------------------------------------------------------------------------

  void check_orders() {
    std::map<std::string, std::string> notes;
    for (const auto& row : own_.reservations)
      held_[{row.product, row.order}] = row.status;
    for (const auto& order : report_.orders) {
      const auto& id = order.id.value;
      if (!order::is_at_rest(order.status))
        complain("G7: order " + id + " is " + std::string{name_of(order.status)} + ", neither final nor for attention");
      if (!order.note.empty() && !notes.emplace(order.note, id).second)
        complain("I6: " + id + " and " + notes[order.note] + " come from one idempotency key");
      check_money_of(order);
      check_claims_of(order);
    }
  }

  /// An open order has its goods, and delivered goods were subtracted from the stock.
  void check_claims_of(const order::state& order) {
    const auto allowed = invariants::allowed_reservations(order);
    const auto holder = order::reservation_of(order.id, order.revisions ? order.revisions->stock : 0);
    for (const auto& line : order.lines) {
      const auto held = held_.find({line.product.value, holder.value});
      const bool kept = held != held_.end() && std::ranges::find(allowed, held->second) != allowed.end();
      if (!allowed.empty() && !kept)
        complain("I2: order " + order.id.value + " is " + std::string{name_of(order.status)} + ", and "
                 + line.product.value + " is not kept for it");
    }
  }

  void check_money_of(const order::state& order) {
    if (!order::is_final(order.status))
      return;
    const auto revised = order.revisions.value_or(order::revisions{});
    const auto delivery = deliveries_.find(sibling_id<delivery_id>(order.id).value);
    violations broken;
    for (std::uint32_t number = 0; number <= revised.last; ++number) {
      const auto payment = payments_.find(order::payment_of(order.id, number).value);
      const auto* paid = payment == payments_.end() ? nullptr : &payment->second.state;
      if (number == revised.payment)
        invariants::check_final_order(order, paid, delivery == deliveries_.end() ? nullptr : &delivery->second, broken);
      else if (paid != nullptr)
        invariants::check_spare_payment(order, *paid, broken);
      if (number == revised.payment && paid != nullptr && order.refunded.amount != paid->refunded.amount)
        complain("I1: order " + order.id.value + " and its payment differ in what is refunded");
    }
    complain(broken);
  }

  void check_reservations() {
    std::set<std::string> final_orders;
    for (const auto& order : report_.orders)
      if (order::is_final(order.status))
        final_orders.insert(order.id.value);
    for (const auto& row : own_.reservations) {
      const std::string holder{order::without_number(row.order)};
      if (row.status == product::reservation_status::live && final_orders.contains(holder))
        complain("I3: the final order " + row.order + " holds " + row.product);
      if (row.status == product::reservation_status::live && !own_.entities.contains(holder))
        complain("I3: " + row.product + " is held for " + row.order + ", which there is not");
    }
  }

  // -- I6 and I7 ------------------------------------------------------------------------------------------------------

  provider_books read_books(const stored_contents& provider) {
    provider_books books;
    for (const auto& event : provider.events) {
      const auto& key = event.stream;
      if (event.version != 1)
        complain("I6: the provider did " + key + " " + std::to_string(event.version) + " times");
      const auto entry = decode<ledger_entry>(event.data);
      if (!entry) {
        complain("I7: the provider's entry for " + key + " is unreadable");
        continue;
      }
      books[key] = *entry;
    }
    return books;
  }

  void compare_ledgers(const provider_books& provider) {
    report_.ledger_entries = provider.size();
    for (const auto& [key, theirs] : provider) {
      violations broken;
      invariants::compare_with_ledger(key, own_operation(key), &theirs, broken);
      complain(broken);
    }
    for (const auto& [id, payment] : payments_)
      for (const auto& [key, ours] : payment.operations) {
        if (ours.is_open())
          complain("I7: " + key + " has no outcome here");
        if (provider.contains(key))
          continue;
        violations broken;
        invariants::compare_with_ledger(key, &ours, nullptr, broken);
        complain(broken);
      }
  }

  const invariants::provider_operation* own_operation(const std::string& key) const {
    const auto payment = payments_.find(key.substr(0, key.find('/')));
    if (payment == payments_.end())
      return nullptr;
    const auto found = payment->second.operations.find(key);
    return found == payment->second.operations.end() ? nullptr : &found->second;
  }

  stored_contents own_;
  invariant_report report_;
  /// By product and order.
  std::map<std::pair<std::string, std::string>, product::reservation_status> held_;
  std::map<std::string, invariants::payment_history> payments_;
  std::map<std::string, delivery::state> deliveries_;
};

} // namespace

std::string invariant_report::text() const {
  constexpr std::size_t most = 40;
  std::string lines;
  for (std::size_t i = 0; i < std::min(most, violations.size()); ++i)
    lines += violations[i] + "\n";
  if (violations.size() > most)
    lines += "and " + std::to_string(violations.size() - most) + " more\n";
  return lines;
}

invariant_report check_invariants(const store_config& store, const store_config& ledger) {
  return checker{read_contents(store)}.run(read_contents(ledger));
}

invariant_report check_invariants(const store_config& store, const std::map<std::string, ledger_entry>& provider) {
  return checker{read_contents(store)}.run(provider);
}

} // namespace waybill::test
