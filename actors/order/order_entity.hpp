#pragma once

#include "actors/entity/entity.hpp"
#include "actors/order/order_cache.hpp"

#include <caf/actor_cast.hpp>
#include <caf/telemetry/counter.hpp>
#include <caf/telemetry/metric_family_impl.hpp>

#include <map>
#include <memory>
#include <set>
#include <vector>

namespace waybill {

struct order_domain {
  using state = order::state;
  using event = order::event;
  using command = order::command;
  using actor = order_actor;
  static constexpr entity_kind kind = entity_kind::order;
  static void apply(state& current, const event& what, timestamp at) { order::apply(current, what, at); }
  static bool is_creating(const command& cmd) { return std::holds_alternative<order::place>(cmd); }
};

/// What the order entities of a node have done.
struct order_metrics {
  explicit order_metrics(caf::actor_system& sys);

  caf::telemetry::int_counter* placed;
  /// By the status in which an order came to rest.
  std::map<order::status, caf::telemetry::int_counter*> at_rest;
};

/// Owns one order and orchestrates its saga: asks the stock, payment and delivery entities for the due steps, repeats
/// what is not answered under the same command id, gives up at the step's deadline and compensates.
class order_entity : public entity<order_domain> {
public:
  static inline const char* name = "waybill.order";

  /// What is read is put up on `board`, unless that is null.
  order_entity(order_actor::pointer self, entity_start start, order_settings settings,
               std::shared_ptr<const order_metrics> metrics, std::shared_ptr<order_cache> board);
  ~order_entity() override { take_down(); }

  order_actor::behavior_type make_behavior();

protected:
  result<std::vector<order::event>> decide(const order::command& command) override;
  void describe(append& request, const std::vector<order::event>& events) override;
  bool unfinished() const override { return order::has_work(state()); }
  bool finished() const override { return order::is_final(state().status) && !order::has_work(state()); }
  /// Lists show the stored state of each status, and what people have changed.
  bool must_store(const append& request) const override;
  std::optional<timestamp> due() const override;
  void pursue() override;
  void on_timer() override;
  void before_change() override { take_down(); }
  void forget() override;
  std::string waits_for() const override;
  bool engaged() const override { return cancelling_ > 0 || resolving_; }
  void let_waiters_go() override;

private:
  using step = order::step;

  /// A step of the saga under way. Lines of one order may be of several products, each with a stock entity of its own.
  struct step_progress {
    std::uint32_t attempt = 0;
    /// A number that no other attempt at any step has: answers to anything but the latest one come too late and are
    /// ignored, also those to a step of the same name that was another one.
    std::uint64_t round = 0;
    bool done = false;
    bool under_way = false;
    /// When the attempt counts as lost, or, between attempts, when the next one starts.
    timestamp act_at;
    /// Products that have answered.
    std::set<product_id> answered;
  };

  struct waiter {
    caf::typed_response_promise<order::state> promise;
    bool until_at_rest = false;
    timestamp deadline;
    /// Has been told to cancel, which must not be said twice.
    bool cancelled = false;
    viewer on_behalf;
  };

  // -- commands
  // --------------------------------------------------------------------------------------------------------

  caf::result<order_placed> on_place(place_order& command);
  /// An order of somebody else is not there: nothing tells it from one that does not exist.
  bool is_there_for(const viewer& whom) const;
  caf::result<order::state> on_get(const get_order& command);
  void put_up();
  void take_down();
  caf::result<order::state> on_await(const await_order& command);
  caf::result<order::state> on_cancel(const cancel_order& command);
  void cancel_after_delivery(const cancel_order& command, caf::typed_response_promise<order::state> promise);
  void cancel_now(const cancel_order& command, std::uint64_t expected_version,
                  caf::typed_response_promise<order::state> promise);
  void on_delivery_ended();

  // -- an operator's hand (order_resolution.cpp)
  // ---------------------------------------------------------------------------------------

  struct resolution;
  using resolution_ptr = std::shared_ptr<resolution>;

  caf::result<order::state> on_retry(const retry_order& command);
  caf::result<order::state> on_resolve(const resolve_order& command);
  failure being_resolved() const;
  void begin(const resolution_ptr& what);
  void refuse(const resolution_ptr& what, const failure& reason);
  void refuse(const resolution_ptr& what, const std::string& because);
  void close_delivery(const resolution_ptr& what);
  void look_at_delivery(const resolution_ptr& what);
  void on_closed(const resolution_ptr& what, const delivery::state& delivery);
  void return_leftover(const resolution_ptr& what);
  void return_leftover_stock(const resolution_ptr& what);
  void close_payment(const resolution_ptr& what);
  void look_at_payment(const resolution_ptr& what);
  void on_closed(const resolution_ptr& what, const payment::state& payment);
  void close_stock(const resolution_ptr& what);
  void record(const resolution_ptr& what);
  provenance origin_of(const resolution& what) const;
  template <class Actor, class Answer, class Request, class OnAnswer, class OnError>
  void settle(const caf::strong_actor_ptr& whom, Request request, OnAnswer on_answer, OnError on_error);

  // -- refunds, holds and changes (order_changes.cpp)
  // ---------------------------------------------------------------------------------------

  /// Somebody who wanted other lines and is told what became of it.
  struct revision_waiter {
    caf::typed_response_promise<order::state> promise;
    std::uint32_t number = 0;
    change_order wish;
  };

  caf::result<refund_accepted> on_refund(const refund_order& command);
  caf::result<order::state> on_hold(const hold_order& command);
  caf::result<order::state> on_release(const release_order& command);
  caf::result<order::state> on_change(const change_order& command);
  /// Carries out what only operators may say.
  template <class Answer, class Command, class View>
  caf::result<Answer> obey(const Command& command, order::command wanted, View view);
  void await_revision(const change_order& wish, caf::typed_response_promise<order::state> promise);
  void answer_revision_waiters();
  void let_revision_waiters_go();

  void notice_next_refund();
  void refund_payment();
  void on_refund_answer(const payment::state& payment, const refund_id& refund);

  void reserve_revision();
  void authorize_revision();
  void refuse_revision(order::refusal because, const std::string& detail);
  void return_payment();
  void return_stock();
  /// Records the end of the part of a revision that is under way.
  void finish_revision();

  // -- the end of commands
  // ---------------------------------------------------------------------------------------

  void answer_waiters();
  void record(order::command command, std::string causation);

  // -- the saga (order_saga.cpp)
  // ---------------------------------------------------------------------------------------

  bool compensating() const;
  /// The due steps are taken one after the other, not side by side.
  bool in_turn() const;
  void start_steps();
  void start(step what);
  void start_again_later(step what);
  void finish(step what);
  void finish_steps();
  void give_up(const std::string& reason);
  void on_trouble(step what, const failure& reason);
  bool is_current(step what, std::uint64_t round) const;
  provenance origin_of(step what) const;

  void reserve_stock();
  void on_stock_answer(const stock_answer& answer);
  void commit_or_release_stock(step what);
  void authorize_payment();
  void on_authorization(const payment::state& payment);
  void request_delivery();
  void await_delivery();
  void on_delivery(const delivery::state& delivery);
  void capture_payment();
  void void_payment();
  void cancel_delivery();

  template <class Actor, class Answer, class Request, class OnAnswer>
  void ask(step what, const caf::strong_actor_ptr& whom, Request request, OnAnswer on_answer);

  static std::map<product_id, std::int64_t> quantities(const std::vector<order::line>& lines);
  /// Under which ids the order pays and holds its goods.
  payment_id payment_now() const;
  order_id reservation_now() const;
  /// Up to when the goods could be reserved under the number.
  timestamp reserve_by_of(std::uint32_t number, std::optional<timestamp> known) const;

  void count_changes();

  order_settings settings_;
  std::shared_ptr<const order_metrics> metrics_;
  std::shared_ptr<order_cache> cache_;
  /// The state at hand is on the board.
  bool is_up_ = false;
  /// As last seen; none until the order was loaded or placed here.
  order::status counted_ = order::status::none;
  /// Who placed the order and how to trace it; known until the order leaves the memory.
  provenance origin_;
  std::vector<waiter> waiters_;
  /// Cancellations that wait for what the delivery says.
  std::size_t cancelling_ = 0;
  std::vector<step> due_;
  std::map<step, step_progress> steps_;
  std::uint64_t rounds_ = 0;
  std::vector<revision_waiter> revision_waiters_;
  /// The refund that is being worked on; empty when none is.
  refund_id refunding_;
  /// An operator's resolution is under way: no retry may start what it gives back.
  bool resolving_ = false;
  /// How far the steps have led to facts that are not recorded yet.
  money captured_;
  money voided_;
  money refunded_;
};

/// Sends `request`; answers to an attempt that was given up are ignored. The time-out is the step's own timer.
template <class Actor, class Answer, class Request, class OnAnswer>
void order_entity::ask(step what, const caf::strong_actor_ptr& whom, Request request, OnAnswer on_answer) {
  const auto round = steps_[what].round;
  self()
    ->request(caf::actor_cast<Actor>(whom), caf::infinite, std::move(request))
    .then(
      [this, what, round, on_answer](const Answer& answer) {
        if (is_current(what, round))
          on_answer(answer);
      },
      [this, what, round](const caf::error& reason) {
        if (is_current(what, round))
          on_trouble(what, to_failure(reason));
      });
}

} // namespace waybill
