#pragma once

#include "messages/order/order_changes.hpp"
#include "messages/order/orders.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace waybill {

/// order::is_settled holds.
struct until_settled {};
/// order::is_at_rest holds.
struct until_at_rest {};
/// An accepted cancellation is done or waits for an operator. Refused when the order goes on instead.
struct until_cancelled {};
/// The revision is decided: the order has the other lines, or they were refused.
struct until_revised {
  std::uint32_t number = 0;
};
using wait_condition = std::variant<until_settled, until_at_rest, until_cancelled, until_revised>;

/// How a wait stands.
struct wait_outcome {
  bool over = false;
  /// What was waited for did not come about.
  std::optional<failure> refused{};
};

/// What somebody is told who cancels an order that a courier has, or has delivered.
failure too_late_to_cancel(const order::state& order);

wait_outcome outcome_of(const wait_condition& condition, const order::state& order);

/// People who wait for an order. Each is answered once: when the condition holds, at the deadline with what holds then,
/// or when the order moves to another node.
/// `Promise` has `deliver(const order::state&)` and `deliver(const failure&)`.
template <class Promise>
class order_waiters {
public:
  struct waiter {
    Promise promise;
    wait_condition condition;
    std::optional<timestamp> deadline{};
    /// The question for the order's new owner when the order moves. None: the caller gets what holds then, because
    /// what they asked for has been done and must not be asked for twice.
    std::variant<std::monostate, await_order, change_order> again{};
    /// Of until_settled: the state in which the order came to be settled.
    std::optional<order::state> held{};
  };

  [[nodiscard]] bool is_empty() const { return waiting_.empty(); }

  void add(waiter item) { waiting_.push_back(std::move(item)); }

  /// `order` is placed and may not be durable: who waits until it is settled is answered with the state in which it
  /// came to be so, not with what the order has gone on to by the time that this is durable.
  void note(const order::state& order) {
    for (auto& item : waiting_)
      if (std::holds_alternative<until_settled>(item.condition) && !item.held && order::is_settled(order))
        item.held = order;
  }

  /// What was noted is void.
  void forget() {
    for (auto& item : waiting_)
      item.held.reset();
  }

  /// Answers everybody whose wait is over. `order` must be durable.
  void answer(const order::state& order, timestamp now) {
    std::erase_if(waiting_, [&](waiter& item) {
      const auto outcome = outcome_of(item.condition, order);
      if (item.held)
        item.promise.deliver(*item.held);
      else if (outcome.refused)
        item.promise.deliver(*outcome.refused);
      else if (outcome.over || (item.deadline && *item.deadline <= now))
        item.promise.deliver(order);
      else
        return false;
      return true;
    });
  }

  /// The order moves: nobody waits here any more. `ask_again` takes a promise and the message to hand on for it.
  template <class AskAgain>
  void leave(const order::state& order, AskAgain ask_again) {
    for (auto& item : std::exchange(waiting_, {}))
      std::visit(
        [&](auto& message) {
          if constexpr (std::is_same_v<std::decay_t<decltype(message)>, std::monostate>)
            item.promise.deliver(order);
          else
            ask_again(item.promise, std::move(message));
        },
        item.again);
  }

  /// The earliest deadline.
  [[nodiscard]] std::optional<timestamp> due() const {
    std::optional<timestamp> earliest;
    for (const auto& item : waiting_)
      if (item.deadline && (!earliest || *item.deadline < *earliest))
        earliest = item.deadline;
    return earliest;
  }

private:
  std::vector<waiter> waiting_;
};

} // namespace waybill
