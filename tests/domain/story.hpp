#pragma once

#include "domain/courier.hpp"
#include "domain/delivery.hpp"
#include "domain/json/codec.hpp"
#include "domain/order/order.hpp"
#include "domain/payment.hpp"
#include "domain/product.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

/// The life of one entity in a test: takes commands, and returns the types of their events.
namespace waybill::testing {

struct no_options {};

template <class State, class Command, class Event, class Options>
struct story {
  State state;
  timestamp now = timestamp{} + std::chrono::hours{24 * 365 * 50};
  Options options;
  std::vector<std::pair<timestamp, Event>> log;

  result<std::vector<Event>> ask(const Command& cmd) const {
    if constexpr (requires { decide(state, cmd); })
      return decide(state, cmd);
    else if constexpr (std::is_same_v<Options, no_options>)
      return decide(state, cmd, now);
    else
      return decide(state, cmd, now, options);
  }

  /// The types of the new events, `nothing`, or the word for the failure.
  std::string tell(const Command& cmd) {
    const auto events = ask(cmd);
    if (!events)
      return std::string{to_string(events.error().code)};
    std::string types;
    for (const auto& event : *events) {
      types += types.empty() ? "" : " ";
      types += encode_event(event).type;
      apply(state, event, now);
      log.emplace_back(now, event);
    }
    return types.empty() ? "nothing" : types;
  }

  void wait(milliseconds time) { now += time; }
};

using order_story = story<order::state, order::command, order::event, order::deadlines>;
using product_story = story<product::state, product::command, product::event, product::settings>;
using payment_story = story<payment::state, payment::command, payment::event, no_options>;
using delivery_story = story<delivery::state, delivery::command, delivery::event, delivery::settings>;
using courier_story = story<courier::state, courier::command, courier::event, no_options>;

template <class Enum>
std::string word(Enum x) {
  return std::string{waybill::name_of(x)};
}

/// The state as text, for comparison.
template <class State>
std::string text_of(const State& state) {
  return encode(state);
}

inline std::string text_of(const product::state& state) {
  auto text = encode(state);
  const std::map<order_id, product::reservation> sorted(state.reservations.begin(), state.reservations.end());
  for (const auto& [order, held] : sorted)
    text += order.value + encode(held);
  return text;
}

inline money euros(std::int64_t cents) {
  return {cents, "EUR"};
}

inline order::place a_place_command() {
  order::place cmd;
  cmd.order = order_id{"ord_1"};
  cmd.customer = customer_id{"cus_1"};
  cmd.lines = {{product_id{"prd_1"}, "TEA", "Tea", 2, euros(500)}, {product_id{"prd_2"}, "CUP", "Cup", 1, euros(300)}};
  cmd.payment = {"card", "tok_ok"};
  cmd.delivery = {"Ada", "1 Main Street"};
  cmd.fingerprint = "abc";
  return cmd;
}

} // namespace waybill::testing
