#pragma once

#include "actors/order/step_answers.hpp"
#include "actors/order/step_requests.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace waybill {

/// One attempt at a step of a saga. `round` is a number that no other attempt of the same saga has, at any step.
struct saga_attempt {
  order::step step = order::step::reserve_stock;
  std::uint64_t round = 0;
};

/// A request to send; its answer or failure belongs to `attempt`.
struct saga_request {
  saga_attempt attempt;
  order_request message;
};

/// What is to be done next.
struct saga_actions {
  std::vector<saga_request> requests;
  std::optional<order_record> record;
};

struct saga_settings {
  request_times times;
  /// How often an order asks for its delivery when it hears nothing.
  milliseconds delivery_poll{2'000};
  /// The pause after attempt number `attempt` (from 1).
  std::function<milliseconds(std::uint32_t attempt)> backoff;
};

/// The progress of one order through the steps that are due: states and answers come in, requests and records go out.
/// Pure: no clock, no I/O, no actors. The caller passes the order's state at hand each time; it is durable for `follow`
/// and `on_time`, while an answer may come when events are on their way to the log.
///
/// Steps of the way forward go side by side; compensations and the steps of a revision one after the other. A step that
/// is not answered is repeated under the same command id `<order>/<step>` until the order's deadline: the other entity
/// remembers what it did, and only definite answers are recorded.
class order_saga {
public:
  explicit order_saga(saga_settings settings) : settings_(std::move(settings)) {}

  /// The order was loaded or has changed: starts the steps that are due and not started.
  saga_actions follow(const order::state& order, timestamp now);

  /// Answers to any but the latest attempt at a step that is not done change nothing.
  saga_actions on_answer(const order::state& order, timestamp now, saga_attempt attempt, const stock_answer& answer);
  saga_actions on_answer(const order::state& order, timestamp now, saga_attempt attempt, const payment::state& payment);
  saga_actions on_answer(const order::state& order, timestamp now, saga_attempt attempt,
                         const delivery::state& delivery);
  saga_actions on_failure(const order::state& order, timestamp now, saga_attempt attempt, const failure& reason);

  /// The delivery has ended, they say: asks it at once, if that is due.
  saga_actions on_delivery_ended(const order::state& order, timestamp now);

  /// Repeats or starts what is due by `now`, or gives up when the order's deadline has passed.
  saga_actions on_time(const order::state& order, timestamp now);

  /// When `on_time` has something to do at the latest.
  [[nodiscard]] std::optional<timestamp> due(const order::state& order) const;

  /// The step was begun and is not done.
  [[nodiscard]] bool is_open(order::step step) const;

  /// The steps that are not done, for people: "reserve_stock (attempt 2)".
  [[nodiscard]] std::string waits_for() const;

  /// The state was dropped: nothing is under way any more.
  void forget();

private:
  enum class phase : std::uint8_t { not_begun, pausing, under_way, done };

  struct step_progress {
    order::step step = order::step::reserve_stock;
    order_saga::phase phase = phase::not_begun;
    std::uint32_t attempt = 0;
    std::uint64_t round = 0;
    /// Under way: when the attempt counts as lost. Pausing: when the next one starts.
    timestamp act_at{};
    /// Lines may be of several products, each with a stock entity of its own: how many, and which have answered.
    std::size_t products = 0;
    std::vector<product_id> answered{};

    [[nodiscard]] bool is_open() const { return phase == phase::pausing || phase == phase::under_way; }
    [[nodiscard]] bool has_answered(const product_id& product) const;
    /// The product has answered; true if it was the last one.
    bool note_answer(const product_id& product);
  };

  /// An input and what it leads to.
  struct reaction {
    const order::state& order;
    timestamp now;
    saga_actions actions{};
  };

  step_progress* find(order::step step);
  /// Null for an answer that comes too late.
  step_progress* find(saga_attempt attempt);
  /// The steps at hand are those that `order` needs now.
  [[nodiscard]] bool is_about(const std::vector<order::step>& due) const;
  void follow_refunds(const order::state& order);

  void begin_steps(reaction& to);
  void start(reaction& to, step_progress& progress);
  void pause(reaction& to, step_progress& progress);
  void apply(reaction& to, step_progress& progress, step_verdict verdict);
  void finish(reaction& to, step_progress& progress);
  void give_up(reaction& to, const std::string& reason);

  saga_settings settings_;
  /// Those that are due, in their order.
  std::vector<step_progress> steps_;
  std::uint64_t rounds_ = 0;
  /// The refund that is being made; empty when none is.
  refund_id refund_;
  /// How far the steps have led to facts that are not recorded yet.
  money captured_;
  money voided_;
};

} // namespace waybill
