#pragma once

#include "actors/deadlines/absences.hpp"
#include "actors/order/step_answers.hpp"
#include "actors/order/step_requests.hpp"
#include "messages/order/order_progress.hpp"

#include <boost/describe/enum.hpp>

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

/// Why a step is taken again. `undecided`: there was an answer, which decides nothing yet.
enum class retry_reason : std::uint8_t { none, no_answer, undecided, unreachable, failed };
BOOST_DESCRIBE_ENUM(retry_reason, none, no_answer, undecided, unreachable, failed)

/// A step that is taken again.
struct saga_retry {
  order::step step = order::step::reserve_stock;
  retry_reason reason = retry_reason::none;
};

/// What is to be done next.
struct saga_actions {
  std::vector<saga_request> requests;
  std::vector<saga_retry> retries;
  std::optional<order_record> record;
};

struct saga_settings {
  request_times times;
  /// How often an order asks for its delivery at first.
  milliseconds delivery_poll{2'000};
  /// The pause after attempt number `attempt` (from 1).
  std::function<milliseconds(std::uint32_t attempt)> backoff;
  /// The deadline of what the order is at, without the absences of `roles`; none while it cannot be judged.
  std::function<std::optional<fair_deadline>(const order::state& order, role_set roles)> judge = {};
  /// After so long an order waits for the word of its delivery; see delivery::word_is_kept.
  milliseconds poll_for{5'000};
  /// Couriers may be people, who act over a gateway.
  bool real_couriers = false;
};

/// The progress of one order through the steps that are due: states and answers come in, requests and records go out.
/// Pure: no clock, no I/O, no actors. The caller passes the order's state at hand each time; it is durable for `follow`
/// and `on_time`, while an answer may come when events are on their way to the log.
///
/// Steps of the way forward go side by side; compensations and the steps of a revision one after the other. A step that
/// is not answered is repeated under the same command id `<order>/<step>` until the order's deadline: the other entity
/// remembers what it did, and only definite answers are recorded. The deadline does not count absences, and no step is
/// given up before it was tried since the order was loaded, or since the last absence (docs/adr/0020).
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

  /// Repeats or starts what is due by `now`, or gives up when the order's deadline has passed and its steps were tried.
  saga_actions on_time(const order::state& order, timestamp now);

  /// When `on_time` has something to do at the latest.
  [[nodiscard]] std::optional<timestamp> due(const order::state& order) const;

  /// Nothing is under way, nor comes soon: the order is held, to be paid, in its grace, or its delivery tells when it
  /// has ended.
  [[nodiscard]] bool only_waits(const order::state& order) const;

  /// The step was begun and is not done.
  [[nodiscard]] bool is_open(order::step step) const;

  /// The steps that are not done, for people: "reserve_stock (attempt 2)".
  [[nodiscard]] std::string waits_for() const;

  /// The steps that were begun and are not done.
  [[nodiscard]] std::vector<open_step> open_steps() const;

  /// The latest attempt at one of them came to nothing, so that it is or will be repeated. To ask a delivery that goes
  /// on whether it has ended is none.
  [[nodiscard]] bool is_retrying() const;

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
    /// When the first attempt began, and when the last one did that was whole: it got an answer, or none in time.
    timestamp first_begun{};
    timestamp begun{};
    std::optional<timestamp> tried{};
    /// Why the last attempt came to nothing; empty: none did since there was an answer.
    std::string last_failure{};
    retry_reason reason = retry_reason::none;
    /// Lines may be of several products, each with a stock entity of its own: how many, and which have answered.
    std::size_t products = 0;
    std::vector<product_id> answered{};

    [[nodiscard]] bool is_open() const { return phase == phase::pausing || phase == phase::under_way; }
    /// The other side says when it is time to ask again.
    [[nodiscard]] bool awaits_word() const { return phase == phase::pausing && act_at == timestamp::max(); }
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

  [[nodiscard]] bool is_over(const order::state& order, timestamp now);
  [[nodiscard]] bool was_tried(const step_progress& progress, timestamp now, std::optional<timestamp> back_since) const;

  void begin_steps(reaction& to);
  void start(reaction& to, step_progress& progress);
  void pause(reaction& to, step_progress& progress, retry_reason reason, std::string because);
  void ask_again(reaction& to, step_progress& progress);
  void apply(reaction& to, step_progress& progress, step_verdict verdict);
  void finish(reaction& to, step_progress& progress);
  void give_up(reaction& to, const std::string& reason);

  saga_settings settings_;
  /// Those that are due, in their order.
  std::vector<step_progress> steps_;
  std::uint64_t rounds_ = 0;
  /// The deadline that has passed and did not end the order, and when it is looked at again.
  std::optional<timestamp> passed_;
  timestamp judge_at_{};
  /// The refund that is being made; empty when none is.
  refund_id refund_;
  /// How far the steps have led to facts that are not recorded yet.
  money captured_;
  money voided_;
};

} // namespace waybill
