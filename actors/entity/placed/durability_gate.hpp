#pragma once

#include "domain/base/result.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <utility>

namespace waybill {

/// Holds back what may leave the node only when all that it rests on is durable: the appends that its entity had placed
/// by then. The appends of an entity are answered in their order. A plain value; used by one actor.
class durability_gate {
public:
  /// Called with null when it may go out, with the reason when what it rests on is void.
  using passage = std::function<void(const failure*)>;

  /// The entity places an append; returns its number, from 1.
  std::uint64_t place() { return ++placed_; }

  /// The number of the last append, or zero.
  [[nodiscard]] std::uint64_t last_placed() const { return placed_; }

  /// No append of the entity waits for its commit.
  [[nodiscard]] bool is_open() const { return durable_ == placed_; }

  /// Calls `action` at once when the gate is open, otherwise when everything placed until now is durable or void.
  template <class Action>
  void pass(Action action) {
    if (is_open())
      action(static_cast<const failure*>(nullptr));
    else
      waiting_.push_back({placed_, std::move(action), false});
  }

  /// The same for an answer. It is dropped instead of called with a reason when the command that it answers will be
  /// decided again; see `decides_again`.
  template <class Action>
  void pass_answer(Action action) {
    if (is_open())
      action(static_cast<const failure*>(nullptr));
    else
      waiting_.push_back({placed_, std::move(action), decides_again_});
  }

  /// Whether the command whose results are at hand is decided again when what it rests on is void.
  void set_deciding_again(bool again) { decides_again_ = again; }

  /// The appends up to number `place` are durable.
  void reach(std::uint64_t place) {
    durable_ = place;
    while (!waiting_.empty() && waiting_.front().after <= durable_) {
      auto action = std::move(waiting_.front().action);
      waiting_.pop_front();
      action(nullptr);
    }
  }

  /// What was placed and is not durable never will be. `again`: its commands are decided again.
  void fail(const failure& reason, bool again) {
    durable_ = placed_;
    for (auto& item : std::exchange(waiting_, {}))
      if (!(again && item.is_repeated))
        item.action(&reason);
  }

private:
  struct item {
    std::uint64_t after;
    passage action;
    bool is_repeated;
  };

  std::uint64_t placed_ = 0;
  std::uint64_t durable_ = 0;
  std::deque<item> waiting_;
  bool decides_again_ = false;
};

} // namespace waybill
