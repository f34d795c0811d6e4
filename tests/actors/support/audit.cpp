#include "tests/actors/support/audit.hpp"

#include "domain/invariants.hpp"
#include "domain/json/codec.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace waybill::test {

namespace {

class audit {
public:
  explicit audit(const order_node& node) : node_(node) {
    for (const auto& event : node.database.log())
      streams_[event.stream].push_back(event);
  }

  /// The violations; empty when there are none.
  std::vector<std::string> check() {
    for (const auto& [stream, events] : streams_) {
      std::uint64_t version = 0;
      for (const auto& event : events)
        must_hold(event.version == ++version, "I4 " + stream);
      const auto prefix = stream.substr(0, 4);
      if (prefix == order_id::prefix())
        orders_.push_back(replay<order::state, order::event>(
          events, [](auto& state, const auto& event, auto at) { order::apply(state, event, at); }));
      else if (prefix == product_id::prefix())
        check_product(events);
      else if (prefix == payment_id::prefix())
        check_payment(events);
      else if (prefix == courier_id::prefix())
        check_courier(events);
      else if (prefix == delivery_id::prefix())
        deliveries_[stream] = replay<delivery::state, delivery::event>(
          events, [](auto& state, const auto& event, auto at) { delivery::apply(state, event, at); });
    }
    for (const auto& order : orders_)
      check_order(order);
    check_ledger();
    return broken_;
  }

private:
  void must_hold(bool holds, const std::string& violation) {
    if (!holds)
      broken_.push_back(violation);
  }

  /// The state that the events lead to, which is the stored one (I5).
  template <class State, class Event, class Apply>
  State replay(const std::vector<stored_event>& events, Apply apply) {
    State state;
    for (const auto& item : events) {
      const auto event = decode_event<Event>(item.type, item.schema, item.data);
      CAF_REQUIRE(event.has_value());
      apply(state, *event, item.at);
    }
    const auto stored = node_.database.open_query()->run(load_entity{entity_kind::order, events.front().stream});
    CAF_REQUIRE(stored.has_value());
    if (stored->later.empty())
      must_hold(stored->state == encode(state), "I5 " + stored->state + " is not " + encode(state));
    return state;
  }

  void check_product(const std::vector<stored_event>& events) {
    const auto product =
      replay<product::state, product::event>(events, [this](auto& state, const auto& event, auto at) {
        product::apply(state, event, at);
        std::int64_t live = 0;
        for (const auto& [order, held] : state.reservations)
          if (held.status == product::reservation_status::live)
            live += held.quantity;
        must_hold(state.on_hand >= 0 && state.available() >= 0 && state.reserved == live, "I2 " + encode(state));
      });
    products_[product.id] = product;
    for (const auto& [order, held] : product.reservations)
      if (held.status == product::reservation_status::live)
        reserving_.insert(std::string{order::without_number(order.value)});
  }

  /// Nobody takes more than they can at that time.
  void check_courier(const std::vector<stored_event>& events) {
    replay<courier::state, courier::event>(events, [this](auto& state, const auto& event, auto at) {
      const auto before = state.assignments.size();
      courier::apply(state, event, at);
      must_hold(state.assignments.size() <= before || state.assignments.size() <= state.capacity,
                "a place too many " + encode(state));
    });
  }

  void check_payment(const std::vector<stored_event>& events) {
    const auto payment = replay<payment::state, payment::event>(events, [this](auto& state, const auto& event,
                                                                               auto at) {
      payment::apply(state, event, at);
      must_hold(state.refunded.amount <= state.captured.amount && state.captured.amount <= state.authorized.amount,
                "I1 " + encode(state));
    });
    const auto& stream = events.front().stream;
    payments_[stream] = payment;
    std::string key;
    for (const auto& event : events) {
      if (event.type == "payment.intent_recorded")
        key = decode<payment::intent_recorded>(event.data).value().key;
      else if ((event.type == "payment.authorized" || event.type == "payment.captured" || event.type == "payment.voided"
                || event.type == "payment.refunded")
               && !key.empty())
        effects_.insert(key);
    }
  }

  void check_order(const order::state& order) {
    must_hold(order.refunded.amount <= order.captured.amount && order.captured.amount <= order.authorized.amount,
              "I1 " + encode(order));
    check_claims(order);
    if (!order::is_final(order.status))
      return;
    const bool completed = order.status == order::status::completed;
    const bool by_hand = order.attention && order.attention->resolved;
    const auto revised = order.revisions.value_or(order::revisions{});
    const auto payment = payments_.find(order::payment_of(order.id, revised.payment).value);
    for (std::uint32_t number = 0; number <= revised.last; ++number)
      if (const auto spare = payments_.find(order::payment_of(order.id, number).value);
          number != revised.payment && spare != payments_.end())
        must_hold(spare->second.status == payment::status::voided || spare->second.status == payment::status::declined,
                  "I3 " + encode(spare->second));
    must_hold(!order::has_work(order) && !order::is_revising(order) && !order.hold, "I3 work is left " + encode(order));
    if (payment != payments_.end())
      must_hold(payment->second.refunded.amount == order.refunded.amount, "I1 refunds of " + encode(order));
    const auto delivery = deliveries_.find(sibling_id<delivery_id>(order.id).value);
    // I3
    must_hold(!order.step_by, "I3 step_by of " + order.id.value);
    must_hold(!reserving_.contains(order.id.value), "I3 a reservation is left of " + encode(order));
    if (by_hand) {
      // An order that an operator has resolved may end otherwise than by itself, but nothing of it stays open.
      if (payment != payments_.end())
        must_hold(payment->second.status == payment::status::voided
                    || payment->second.status == payment::status::declined
                    || (completed && payment->second.status == payment::status::captured),
                  "I3 " + encode(payment->second));
      if (delivery != deliveries_.end())
        must_hold(delivery::is_final(delivery->second.status), "I3 " + encode(delivery->second));
    } else if (completed) {
      if (payment == payments_.end() || delivery == deliveries_.end()) {
        must_hold(false, "I3 completed without payment or delivery");
        return;
      }
      must_hold(payment->second.status == payment::status::captured,
                "I3 " + encode(payment->second) + encode(delivery->second));
      must_hold(payment->second.captured.amount == order.total.amount,
                "I3 " + encode(payment->second) + encode(delivery->second));
      must_hold(delivery->second.status == delivery::status::completed,
                "I3 " + encode(payment->second) + encode(delivery->second));
    } else {
      if (payment != payments_.end())
        must_hold(payment->second.status == payment::status::voided
                    || payment->second.status == payment::status::declined,
                  "I3 " + encode(payment->second));
      if (delivery != deliveries_.end())
        must_hold(delivery->second.status == delivery::status::cancelled
                    || delivery->second.status == delivery::status::failed,
                  "I3 " + encode(delivery->second));
    }
  }

  /// I2: an open order has its goods, and no other order can get them.
  void check_claims(const order::state& order) {
    const auto allowed = invariants::allowed_reservations(order);
    const auto holder = order::reservation_of(order.id, order.revisions ? order.revisions->stock : 0);
    for (const auto& line : order.lines) {
      const auto& reservations = products_[line.product].reservations;
      const auto held = reservations.find(holder);
      must_hold(allowed.empty()
                  || (held != reservations.end()
                      && std::find(allowed.begin(), allowed.end(), held->second.status) != allowed.end()),
                "I2 " + line.product.value + " is not kept for " + encode(order));
    }
  }

  /// I6: one entry for each key. I7: the approved operations are those that the payments have recorded.
  void check_ledger() {
    std::set<std::string> approved;
    std::set<std::string> seen;
    for (const auto& entry : node_.ledger.log()) {
      must_hold(seen.insert(entry.stream).second, "I6 " + entry.stream);
      if (entry.data.find("\"outcome\":\"approved\"") != std::string::npos)
        approved.insert(entry.stream);
    }
    must_hold(approved == effects_, "I7 the ledger differs");
  }

  const order_node& node_;
  std::map<std::string, std::vector<stored_event>> streams_;
  std::vector<order::state> orders_;
  std::map<std::string, payment::state> payments_;
  std::map<std::string, delivery::state> deliveries_;
  std::map<product_id, product::state> products_;
  std::set<std::string> reserving_;
  std::set<std::string> effects_;
  std::vector<std::string> broken_;
};

} // namespace

std::vector<std::string> auditor::check() const {
  return audit{node_}.check();
}

} // namespace waybill::test
