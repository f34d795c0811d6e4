#include "domain/invariants.hpp"

#include "domain/json/codec.hpp"
#include "domain/order/parts.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <type_traits>

namespace waybill::invariants {

namespace {

std::string word(auto x) {
  return std::string{name_of(x)};
}

std::string at_version(std::uint64_t version) {
  return " at version " + std::to_string(version);
}

bool is_within(const money& refunded, const money& captured, const money& authorized) {
  return 0 <= refunded.amount && refunded.amount <= captured.amount && captured.amount <= authorized.amount;
}

void add_to(money& sum, const money& more) {
  sum.amount += more.amount;
  if (more.amount != 0)
    sum.currency = more.currency;
}

/// The members of two objects in JSON that are not the same, with commas.
std::string differing_members(const std::string& x, const std::string& y) {
  const auto left = boost::json::parse(x).as_object();
  const auto right = boost::json::parse(y).as_object();
  std::string names;
  const auto add = [&](std::string_view name) { names += (names.empty() ? "" : ", ") + std::string{name}; };
  for (const auto& [name, value] : left)
    if (const auto* other = right.if_contains(name); other == nullptr || *other != value)
      add(name);
  for (const auto& [name, value] : right)
    if (!left.contains(name))
      add(name);
  return names;
}

} // namespace

// -- one event after the other ----------------------------------------------------------------------------------------

void follow(order::state& current, const order::event& event, timestamp at, violations& broken) {
  order::apply(current, event, at);
  if (!is_within(current.refunded, current.captured, current.authorized))
    broken.push_back({"I1", current.id.value,
                      "more is refunded than captured, or captured than authorised" + at_version(current.version)});
}

void follow(product::state& current, const product::event& event, timestamp at, violations& broken) {
  if (const auto* reserved = std::get_if<product::stock_reserved>(&event))
    // A reservation that was rejected may be tried again: it holds nothing.
    if (const auto held = current.reservations.find(reserved->order);
        held != current.reservations.end() && held->second.status != product::reservation_status::rejected)
      broken.push_back(
        {"I6", current.id.value,
         "stock is reserved for " + reserved->order.value + " a second time" + at_version(current.version + 1)});
  product::apply(current, event, at);
  if (current.on_hand < 0 || current.reserved < 0 || current.available() < 0)
    broken.push_back({"I2", current.id.value,
                      std::to_string(current.on_hand) + " are on hand and " + std::to_string(current.reserved)
                        + " reserved" + at_version(current.version)});
}

void follow(delivery::state& current, const delivery::event& event, timestamp at, violations&) {
  delivery::apply(current, event, at);
}

namespace {

/// Adds an event of a payment to the sums and the operations.
struct accountant {
  payment_history& history;
  /// The intent under way before the event.
  std::optional<payment::intent> intent;
  violations& broken;

  void complain(const char* invariant, std::string detail) const {
    broken.push_back({invariant, history.state.id.value, std::move(detail) + at_version(history.state.version)});
  }

  void settle(bool approved) const {
    if (!intent) {
      complain("I7", "an outcome without an intent");
      return;
    }
    auto& operation = history.operations[intent->key];
    ++(approved ? operation.approvals : operation.declines);
    if (operation.approvals > 1)
      complain("I6", intent->key + " had its effect a second time");
  }

  void operator()(const payment::intent_recorded& e) const {
    auto& operation = history.operations[e.key];
    // An operator's retry asks again under the key whose first answer was no.
    const bool same = operation.intents == 0 || (operation.operation == e.operation && operation.amount == e.amount);
    if (!same || operation.approvals > 0)
      complain("I6", e.key + " is used for a second effect");
    operation.operation = e.operation;
    operation.amount = e.amount;
    ++operation.intents;
  }
  void operator()(const payment::authorized& e) const {
    add_to(history.authorized, e.amount);
    settle(true);
  }
  void operator()(const payment::captured& e) const {
    add_to(history.captured, e.amount);
    settle(true);
  }
  void operator()(const payment::voided& e) const {
    add_to(history.voided, e.amount);
    // An event that closes a payment which was never requested has no intent.
    if (intent)
      settle(true);
  }
  void operator()(const payment::refunded& e) const {
    add_to(history.refunded, e.amount);
    settle(true);
  }
  void operator()(const payment::declined&) const { settle(false); }
  void operator()(const payment::unknown&) const {}
};

} // namespace

void follow(payment_history& current, const payment::event& event, timestamp at, violations& broken) {
  const auto intent = current.state.under_way;
  payment::apply(current.state, event, at);
  const accountant enter{current, intent, broken};
  std::visit(enter, event);
  const auto& state = current.state;
  if (!is_within(state.refunded, state.captured, state.authorized))
    enter.complain("I1", "more is refunded than captured, or captured than authorised");
  if (current.refunded.amount > current.captured.amount
      || current.captured.amount + current.voided.amount > current.authorized.amount)
    enter.complain("I1", "over all events more is captured, voided or refunded than was authorised");
  for (const auto* part : {&current.captured, &current.voided, &current.refunded})
    if (part->amount != 0 && part->currency != current.authorized.currency)
      enter.complain("I1", "the currencies differ");
}

// -- what belongs together --------------------------------------------------------------------------------------------

void check_final_order(const order::state& order, const payment::state* payment, const delivery::state* delivery,
                       violations& broken) {
  const auto& id = order.id.value;
  const auto complain = [&](const char* invariant, std::string detail) {
    broken.push_back({invariant, id, "it is " + word(order.status) + ", " + std::move(detail)});
  };
  const auto money_is = payment == nullptr ? payment::status::none : payment->status;
  const bool by_hand = order.attention && order.attention->resolved;
  const bool refunds = order.status == order::status::completed && payment != nullptr && payment->under_way
                       && payment->under_way->operation == payment::operation::refund;
  if (payment != nullptr && ((!payment::is_at_rest(*payment) && !refunds) || money_is == payment::status::authorized))
    complain("I3", "its payment is open: " + word(money_is));
  if (delivery != nullptr && !delivery::is_final(delivery->status))
    complain("I3", "its delivery is open: " + word(delivery->status));
  if (money_is == payment::status::captured && payment->amount != order.total)
    complain("I1", "its payment is not about its total");
  if (payment != nullptr && order.refunded.amount > payment->refunded.amount)
    complain("I1", "it counts more as refunded than its payment");
  const bool kept = money_is == payment::status::captured && payment->captured.amount != payment->refunded.amount;
  const bool delivered = delivery != nullptr && delivery->status == delivery::status::completed;
  if (order.status != order::status::completed) {
    if (kept)
      complain("I1", "its money was taken");
    if (delivered && !by_hand)
      complain("I3", "its goods were delivered");
  } else if (!by_hand) {
    if (money_is != payment::status::captured)
      complain("I1", "its payment is " + word(money_is));
    if (!delivered)
      complain("I3", "its goods were not delivered");
  }
}

void check_spare_payment(const order::state& order, const payment::state& payment, violations& broken) {
  const bool closed = payment.status == payment::status::voided || payment.status == payment::status::declined;
  if (!closed || !payment::is_at_rest(payment))
    broken.push_back({payment.captured.is_zero() ? "I3" : "I1", order.id.value,
                      "it is " + word(order.status) + ", and " + payment.id.value + ", which it does not use, is "
                        + word(payment.status)});
}

std::vector<product::reservation_status> allowed_reservations(const order::state& order) {
  using enum product::reservation_status;
  using statuses = std::vector<product::reservation_status>;
  const bool by_hand = order.attention && order.attention->resolved;
  const auto from = order.attention ? order.attention->from : order::status::none;
  switch (order.status) {
    case order::status::placed:
      return order.stock_reserved && !order::is_rejecting(order) ? statuses{live} : statuses{};
    case order::status::confirmed: return {live};
    case order::status::fulfilling: return order::is_delivered(order) ? statuses{live, committed} : statuses{live};
    case order::status::completed: return by_hand ? statuses{} : statuses{committed};
    case order::status::needs_attention:
      // An operator may have begun to resolve it.
      if (from == order::status::confirmed || from == order::status::fulfilling)
        return {live, committed, released};
      return {};
    default: return {};
  }
}

void compare_with_ledger(const std::string& key, const provider_operation* ours, const ledger_entry* theirs,
                         violations& broken) {
  const auto complain = [&](std::string detail) { broken.push_back({"I7", key, std::move(detail)}); };
  if (theirs == nullptr) {
    if (ours != nullptr && ours->approvals + ours->declines > 0)
      complain("we have an outcome, the provider does not know it");
    return;
  }
  if (ours == nullptr) {
    complain("the provider has it, we do not");
    return;
  }
  const bool approved = theirs->outcome == provider_outcome::approved;
  const bool closed = !approved && theirs->payment.empty();
  if (!closed && (ours->operation != theirs->operation || ours->amount != theirs->amount))
    complain("it is another operation or amount at the provider");
  if ((ours->approvals > 0 && !approved) || (ours->declines > 0 && approved))
    complain(std::string{"it is "} + (approved ? "approved" : "declined") + " at the provider, not here");
}

// -- what is stored ---------------------------------------------------------------------------------------------------

template <class State>
void compare_with_stored(const std::string& subject, const State& replayed, const State& stored, violations& broken) {
  auto expected = encode(replayed);
  const auto actual = encode(stored);
  if constexpr (std::is_same_v<State, order::state>) {
    // A state that was stored before `attention` existed.
    if (replayed.attention && !stored.attention) {
      auto without = replayed;
      without.attention.reset();
      expected = encode(without);
    }
  }
  if (expected != actual)
    broken.push_back({"I5", subject,
                      "replaying its events to version " + std::to_string(stored.version)
                        + " does not give the stored state; they differ in " + differing_members(expected, actual)});
}

template void compare_with_stored(const std::string&, const order::state&, const order::state&, violations&);
template void compare_with_stored(const std::string&, const product::state&, const product::state&, violations&);
template void compare_with_stored(const std::string&, const payment::state&, const payment::state&, violations&);
template void compare_with_stored(const std::string&, const delivery::state&, const delivery::state&, violations&);

} // namespace waybill::invariants
