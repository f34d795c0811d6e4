#include "tests/support/invariant_check.hpp"

#include "domain/codec.hpp"
#include "domain/delivery.hpp"
#include "domain/payment.hpp"
#include "domain/product.hpp"
#include "messages/payments.hpp"
#include "tests/support/stored_contents.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace waybill::test {

namespace {

/// What the simulated provider wrote down of one key.
struct ledger_entry {
  payment::operation operation = payment::operation::authorize;
  std::string payment;
  money amount;
  provider_outcome outcome = provider_outcome::approved;
};
BOOST_DESCRIBE_STRUCT(ledger_entry, (), (operation, payment, amount, outcome))

/// What a payment's events say of one key.
struct own_entry {
  payment::operation operation = payment::operation::authorize;
  money amount;
  /// Approved or declined; nothing while it is open.
  std::optional<provider_outcome> outcome;
  std::uint32_t intents = 0;
  std::uint32_t outcomes = 0;
};

/// The sums over a payment's events.
struct money_flow {
  money authorized;
  money captured;
  money voided;
  money refunded;
};

class checker {
public:
  checker(stored_contents own, stored_contents provider) : own_(std::move(own)), provider_(std::move(provider)) {}

  invariant_report run() {
    report_.events = own_.events.size();
    check_versions(own_, "our log");
    check_versions(provider_, "the provider's ledger");
    for (const auto& [id, entity] : own_.entities)
      check_entity(id, entity);
    check_orders();
    check_reservations();
    compare_ledgers();
    return std::move(report_);
  }

private:
  void complain(std::string what) { report_.violations.push_back(std::move(what)); }

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
    // A state may be older than its stream as long as the mark of work makes somebody load both.
    for (const auto& [id, entity] : contents.entities)
      if (last[id] < entity.version || (last[id] > entity.version && !entity.unfinished))
        complain("I4: in " + where + " the state of " + id + " is of version " + std::to_string(entity.version)
                 + ", its stream ends at " + std::to_string(last[id]));
    for (const auto& [stream, version] : last)
      if (!contents.entities.contains(stream))
        complain("I5: in " + where + " the stream " + stream + " has no state");
  }

  // -- I5 -------------------------------------------------------------------------------------------------------------

  void check_entity(const std::string& id, const stored_state& entity) {
    switch (entity.kind) {
      case entity_kind::order: check_order(id, entity); break;
      case entity_kind::product: check_product(id, entity); break;
      case entity_kind::payment: check_payment(id, entity); break;
      case entity_kind::delivery: check_delivery(id, entity); break;
      case entity_kind::notifier:
      case entity_kind::ledger_entry: break;
    }
  }

  /// Replays the stream and compares with what is stored; `see` looks at each event and the state after it.
  template <class Event, class State, class See>
  State replay(const std::string& id, const stored_state& entity, See see) {
    State current{};
    std::string then;
    for (const auto* stored : own_.stream(id)) {
      const auto event = decode_event<Event>(stored->type, stored->schema, stored->data);
      if (!event) {
        complain("I5: version " + std::to_string(stored->version) + " of " + id
                 + " is unreadable: " + event.error().detail);
        return current;
      }
      apply(current, *event, stored->at);
      see(*event, current);
      if (stored->version == entity.version)
        then = encode(current);
    }
    const auto kept = decode<State>(entity.state);
    if (!kept || encode(*kept) != then)
      complain("I5: replaying " + id + " gives " + then + " but the stored state is " + entity.state);
    return current;
  }

  void check_order(const std::string& id, const stored_state& entity) {
    const auto order = replay<order::event, order::state>(id, entity, [](const auto&, const auto&) {});
    const auto row = own_.order_rows.find(id);
    if (row == own_.order_rows.end() || row->second.customer != order.customer.value
        || row->second.status != name_of(order.status) || row->second.created_at != order.created_at)
      complain("I5: the list of orders contradicts order " + id);
    if (entity.unfinished == order::is_at_rest(order.status))
      complain("I3: order " + id + " is " + std::string{name_of(order.status)}
               + " and its mark of work says otherwise");
    if (order::is_at_rest(order.status) && entity.has_timer)
      complain("I3: order " + id + " is at rest and keeps a timer");
    report_.orders.push_back(order);
  }

  void check_product(const std::string& id, const stored_state& entity) {
    std::map<std::string, std::uint64_t> reserved_at;
    const auto product =
      replay<product::event, product::state>(id, entity, [&](const product::event& event, const product::state& now) {
        if (now.on_hand < 0 || now.reserved < 0 || now.available() < 0)
          complain("I2: version " + std::to_string(now.version) + " of " + id + " has " + std::to_string(now.on_hand)
                   + " on hand and " + std::to_string(now.reserved) + " reserved");
        const auto* reserved = std::get_if<product::stock_reserved>(&event);
        if (reserved != nullptr && !reserved_at.emplace(reserved->order.value, now.version).second)
          complain("I6: versions " + std::to_string(reserved_at[reserved->order.value]) + " and "
                   + std::to_string(now.version) + " of " + id + " both reserve for " + reserved->order.value);
      });
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
    money_flow flow;
    const auto payment =
      replay<payment::event, payment::state>(id, entity, [&](const payment::event& event, const payment::state& now) {
        if (now.refunded.amount > now.captured.amount || now.captured.amount > now.authorized.amount)
          complain("I1: version " + std::to_string(now.version) + " of " + id + " has more captured than authorised");
        note(event, now, flow);
      });
    if (flow.refunded.amount > flow.captured.amount
        || flow.captured.amount + flow.voided.amount > flow.authorized.amount)
      complain("I1: over all events of " + id + " more is captured, voided or refunded than was authorised");
    for (const auto* part : {&flow.captured, &flow.voided, &flow.refunded})
      if (part->amount != 0 && part->currency != flow.authorized.currency)
        complain("I1: the currencies of " + id + " differ");
    if (!payment::is_at_rest(payment) || (entity.unfinished && entity.version == payment.version))
      complain("I3: payment " + id + " is under way");
    payments_.emplace(payment.id.value, payment);
  }

  void check_delivery(const std::string& id, const stored_state& entity) {
    const auto delivery = replay<delivery::event, delivery::state>(id, entity, [](const auto&, const auto&) {});
    if (!delivery::is_final(delivery.status) || entity.unfinished || entity.has_timer)
      complain("I3: delivery " + id + " is under way");
    deliveries_.emplace(id, delivery);
  }

  // -- orders and what they hold --------------------------------------------------------------------------------------

  void check_orders() {
    std::map<std::string, std::string> notes;
    for (const auto& order : report_.orders) {
      const auto& id = order.id.value;
      if (!order::is_at_rest(order.status))
        complain("G7: order " + id + " is " + std::string{name_of(order.status)} + ", neither final nor for attention");
      if (!order.note.empty() && !notes.emplace(order.note, id).second)
        complain("I6: " + id + " and " + notes[order.note] + " come from one idempotency key");
      check_money_of(order);
    }
  }

  void check_money_of(const order::state& order) {
    const auto& id = order.id.value;
    const auto found = payments_.find(sibling_id<payment_id>(order.id).value);
    const auto status = found == payments_.end() ? payment::status::none : found->second.status;
    const bool held = status == payment::status::authorized || status == payment::status::captured;
    if (held && found->second.amount != order.total)
      complain("I1: the payment of " + id + " is not about its total");
    if (order.status == order::status::completed && status != payment::status::captured)
      complain("I3: order " + id + " is completed, its payment " + std::string{name_of(status)});
    if ((order.status == order::status::cancelled || order.status == order::status::rejected) && held
        && found->second.captured.amount != found->second.refunded.amount)
      complain("I3: order " + id + " is over and its payment " + std::string{name_of(status)});
    if (order::is_final(order.status) && status == payment::status::authorized)
      complain("I3: order " + id + " is final and its money only authorised");
    const auto delivery = deliveries_.find(sibling_id<delivery_id>(order.id).value);
    const bool delivered = delivery != deliveries_.end() && delivery->second.status == delivery::status::completed;
    if (order::is_final(order.status) && (order.status == order::status::completed) != delivered)
      complain("I3: order " + id + " is " + std::string{name_of(order.status)} + ", delivered or not");
  }

  void check_reservations() {
    std::set<std::string> final_orders;
    for (const auto& order : report_.orders)
      if (order::is_final(order.status))
        final_orders.insert(order.id.value);
    for (const auto& row : own_.reservations) {
      if (row.status == product::reservation_status::live && final_orders.contains(row.order))
        complain("I3: the final order " + row.order + " holds " + row.product);
      if (row.status == product::reservation_status::live && !own_.entities.contains(row.order))
        complain("I3: " + row.product + " is held for " + row.order + ", which there is not");
    }
  }

  // -- I6 and I7 ------------------------------------------------------------------------------------------------------

  void note(const payment::event& event, const payment::state& after, money_flow& flow) {
    if (const auto* intent = std::get_if<payment::intent_recorded>(&event)) {
      auto& entry = own_ledger_[intent->key];
      entry.operation = intent->operation;
      entry.amount = intent->amount;
      ++entry.intents;
      open_[after.id.value] = intent->key;
    } else if (const auto* yes = std::get_if<payment::authorized>(&event)) {
      add_to(flow.authorized, yes->amount);
      settle(after.id.value, provider_outcome::approved);
    } else if (const auto* taken = std::get_if<payment::captured>(&event)) {
      add_to(flow.captured, taken->amount);
      settle(after.id.value, provider_outcome::approved);
    } else if (const auto* back = std::get_if<payment::voided>(&event)) {
      add_to(flow.voided, back->amount);
      if (open_.contains(after.id.value))
        settle(after.id.value, provider_outcome::approved);
    } else if (const auto* returned = std::get_if<payment::refunded>(&event)) {
      add_to(flow.refunded, returned->amount);
      settle(after.id.value, provider_outcome::approved);
    } else if (std::holds_alternative<payment::declined>(event)) {
      settle(after.id.value, provider_outcome::declined);
    }
  }

  static void add_to(money& sum, const money& more) {
    sum.amount += more.amount;
    if (more.amount != 0)
      sum.currency = more.currency;
  }

  void settle(const std::string& payment, provider_outcome outcome) {
    const auto key = open_.find(payment);
    if (key == open_.end()) {
      complain("I7: payment " + payment + " has an outcome without an intent");
      return;
    }
    auto& entry = own_ledger_[key->second];
    entry.outcome = outcome;
    ++entry.outcomes;
    open_.erase(key);
  }

  void compare_ledgers() {
    report_.ledger_entries = provider_.entities.size();
    for (const auto& [key, entity] : provider_.entities) {
      if (entity.version != 1)
        complain("I6: the provider did " + key + " " + std::to_string(entity.version) + " times");
      const auto found = own_ledger_.find(key);
      const auto theirs = decode<ledger_entry>(entity.state);
      if (!theirs || found == own_ledger_.end())
        complain("I7: the provider has " + key + ", we do not");
      else
        compare(key, found->second, *theirs);
    }
    for (const auto& [key, ours] : own_ledger_) {
      if (ours.intents != 1 || ours.outcomes > 1)
        complain("I6: " + key + " was intended " + std::to_string(ours.intents) + " times and has "
                 + std::to_string(ours.outcomes) + " outcomes");
      if (ours.outcome && !provider_.entities.contains(key))
        complain("I7: we have an outcome of " + key + ", the provider does not know it");
    }
  }

  void compare(const std::string& key, const own_entry& ours, const ledger_entry& theirs) {
    // A key that was closed before the request came has no amount.
    const bool closed = theirs.outcome == provider_outcome::declined && theirs.payment.empty();
    if (!closed && (ours.operation != theirs.operation || ours.amount != theirs.amount))
      complain("I7: " + key + " is another operation or amount at the provider");
    if (ours.outcome != theirs.outcome)
      complain("I7: " + key + " is " + std::string{name_of(theirs.outcome)} + " at the provider, here "
               + (ours.outcome ? std::string{name_of(*ours.outcome)} : "open"));
  }

  stored_contents own_;
  stored_contents provider_;
  invariant_report report_;
  std::map<std::string, payment::state> payments_;
  std::map<std::string, delivery::state> deliveries_;
  std::map<std::string, own_entry> own_ledger_;
  /// The key of the intent that has no outcome yet, by payment.
  std::map<std::string, std::string> open_;
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
  return checker{read_contents(store), read_contents(ledger)}.run();
}

} // namespace waybill::test
