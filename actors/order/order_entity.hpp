#pragma once

#include "actors/entity/entity.hpp"
#include "actors/entity/memory/retrying_entry.hpp"
#include "actors/order/order_cache.hpp"
#include "actors/order/order_region.hpp"
#include "actors/order/order_trace.hpp"
#include "actors/order/resolution.hpp"
#include "actors/order/saga.hpp"
#include "actors/order/waiters.hpp"
#include "domain/base/enum_name.hpp"
#include "domain/base/errors.hpp"
#include "domain/order_view/waiting.hpp"

#include <boost/describe/enumerators.hpp>
#include <boost/mp11/list.hpp>
#include <caf/actor_cast.hpp>
#include <caf/telemetry/counter.hpp>
#include <caf/telemetry/histogram.hpp>
#include <caf/telemetry/metric_family_impl.hpp>

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace waybill {

/// Describes orders to entity<> and region<>.
struct order_kind {
  using state = order::state;
  using event = order::event;
  using command = order::command;
  using actor = order_actor;
  using create_message = place_order;
  using create_command = order::place;
  static constexpr entity_kind kind = entity_kind::order;
  static constexpr const char* region_name = "waybill.order_region";
  static constexpr bool goes_on_when_placed = true;
};

/// What the order entities of a node have done.
struct order_metrics {
  explicit order_metrics(caf::actor_system& sys);

  caf::telemetry::int_counter* placed;
  /// By the status in which an order came to rest.
  std::map<order::status, caf::telemetry::int_counter*> at_rest;
  /// How long orders waited, by what for; null for nothing.
  std::array<caf::telemetry::dbl_histogram*,
             boost::mp11::mp_size<boost::describe::describe_enumerators<order::waiting>>::value>
    waited{};
  caf::telemetry::dbl_histogram* placed_to_delivered;
  caf::telemetry::metric_family_impl<caf::telemetry::int_counter>* retries;
};

/// Answers a message with the order, or with why not.
using order_reply = reply<order::state>;

/// Owns one order: sends what its saga and an operator's resolution ask for, feeds the answers in, and records what
/// they come to.
class order_entity : public entity<order_kind> {
public:
  static inline const char* name = "waybill.order";

  /// What is read is published in `cache`, unless that is null.
  order_entity(order_actor::pointer self, entity_start start, order_settings settings,
               std::shared_ptr<const order_metrics> metrics, std::shared_ptr<order_cache> cache);
  ~order_entity() override { invalidate(); }

  order_actor::behavior_type make_behavior();

protected:
  result<std::vector<order::event>> decide(const order::command& command) override;
  void describe(append& request, const std::vector<order::event>& events) override;
  bool unfinished() const override { return order::has_work(state()); }
  bool finished() const override { return order::is_final(state().status) && !order::has_work(state()); }
  bool only_waits() const override;
  /// When the list of orders changes, and what people have done; the rest follows from the events.
  bool must_store(const append& request) const override;
  std::optional<timestamp> due() const override;
  void pursue() override;
  void settle() override;
  void on_timer() override;
  void before_change() override { invalidate(); }
  std::vector<tracing::span> spans_ended_by(const append& request) override { return trace_.follow(request, state()); }
  std::optional<read_stream_events> trace_query() const override;
  void restore_trace(const std::vector<stored_event>& past) override;
  void forget() override {
    saga_.forget();
    waiters_.forget();
    reason_.reset();
    waits_since_.reset();
    trace_.forget();
    retrying_.set(false, {});
  }
  std::string waits_for() const override;
  bool engaged() const override { return cancelling_ > 0 || resolving_; }
  void let_waiters_go() override;

private:
  using waiter = order_waiters<order_reply>::waiter;

  // -- commands (order_commands.cpp) ----------------------------------------------------------------------------------

  /// For whom an order is there: its owner and operators, or operators only.
  enum class audience { owner, operators };

  caf::result<order_placed> on_place(place_order& command);
  /// An order of somebody else is not there: nothing tells it from one that does not exist.
  bool is_there_for(const viewer& whom) const;
  caf::result<order::state> on_get(const get_order& command);
  void publish();
  void invalidate();
  caf::result<order_progress> on_get_progress(const get_order_progress& query);
  caf::result<order::state> on_await(await_order& command);
  void wait(waiter item);
  caf::result<order::state> on_cancel(const cancel_order& command);
  void cancel_after_delivery(const cancel_order& command, order_reply reply);
  void cancel_now(const cancel_order& command, std::uint64_t expected_version, order_reply reply);
  caf::result<void> on_delivery_ended(const delivery_ended& word);
  bool awaits_delivery() const;
  void acknowledge_delivery();
  caf::result<refund_accepted> on_refund(const refund_order& command);
  caf::result<order::state> on_hold(const hold_order& command);
  caf::result<order::state> on_release(const release_order& command);
  caf::result<order::state> on_retry(const retry_order& command);
  caf::result<order_paid> on_pay(const pay_order& command);
  caf::result<order::state> on_change(const change_order& command);
  void await_revision(const change_order& wish, order_reply reply);

  /// Calls `act` with the answer's reply when no command changes the state just now. Fails with ec::not_found for those
  /// for whom the order is not there.
  template <class Answer, class Act>
  caf::result<Answer> once_read(audience allowed, const viewer& on_behalf, Act act);
  /// Carries out what an operator asks for and answers with `view(outcome)`.
  template <class Answer, class Command, class View>
  void obey(const reply<Answer>& answer, const Command& command, order::command decision, View view);
  /// The same for operators only.
  template <class Answer, class Command, class View>
  caf::result<Answer> obey_operator(const Command& command, order::command decision, View view);

  // -- an operator's resolution (order_commands.cpp) ------------------------------------------------------------------

  struct open_resolution;
  using resolution_ptr = std::shared_ptr<open_resolution>;

  caf::result<order::state> on_resolve(const resolve_order& command);
  failure being_resolved() const;
  void begin(const resolution_ptr& resolution);
  void carry_out(const resolution_ptr& resolution, order_resolution::next_action action);
  void send(const resolution_ptr& resolution, const std::vector<order_request>& requests);
  void record(const resolution_ptr& resolution, order::resolve facts);

  // -- the saga -------------------------------------------------------------------------------------------------------

  void carry_out(saga_actions actions);
  void record(order_record item);
  /// The saga acts in the name of the system, and can be traced back to who placed or last changed the order.
  provenance system_origin(std::string causation) const;
  void count_changes();
  void measure(bool is_new);

  /// Sends `request` to the region that it is for. `on_answer` takes a stock_answer, a payment::state or a
  /// delivery::state, `on_failure` a failure. Without an epoch in `builds_on` the state must be durable.
  template <class OnAnswer, class OnFailure>
  void ask(order_request request, provenance origin, placed_in builds_on, caf::timespan timeout, OnAnswer on_answer,
           OnFailure on_failure);

  order_settings settings_;
  std::shared_ptr<const order_metrics> metrics_;
  std::shared_ptr<order_cache> cache_;
  /// The state is in the cache, or is to be when it is durable.
  bool is_published_ = false;
  bool is_asked_for_ = false;
  /// As last seen; none until the order was loaded or placed here.
  order::status counted_ = order::status::none;
  /// What it waits for, and since when, as far as that was seen.
  std::optional<order::waiting> reason_;
  std::optional<timestamp> waits_since_;
  /// Who placed or last changed the order and how to trace it; known until the order leaves the memory.
  provenance origin_;
  order_trace trace_;
  order_saga saga_;
  order_waiters<order_reply> waiters_;
  /// The delivery has said that it has ended, and hears when that is recorded.
  std::vector<caf::typed_response_promise<void>> delivery_words_;
  retrying_entry retrying_;
  /// Cancellations that wait for what the delivery says.
  std::size_t cancelling_ = 0;
  bool is_delivery_requested_ = false;
  /// An operator's resolution is under way: no retry may start what it gives back.
  bool resolving_ = false;
};

/// The entity that a group of requests is for; the id and the status in its answer.
template <class Requests>
struct target_of;

template <>
struct target_of<stock_request> {
  using actor = product_actor;
  using answer = stock_answer;
  static const caf::strong_actor_ptr& region(const region_handles& regions) { return regions.products; }
  static const std::string& id_of(const answer& x) { return x.product.value; }
  static std::string_view word_of(const answer& x) { return x.reserved ? "reserved" : ""; }
};

template <>
struct target_of<payment_request> {
  using actor = payment_actor;
  using answer = payment::state;
  static const caf::strong_actor_ptr& region(const region_handles& regions) { return regions.payments; }
  static const std::string& id_of(const answer& x) { return x.id.value; }
  static std::string_view word_of(const answer& x) { return name_of(x.status); }
};

template <>
struct target_of<delivery_request> {
  using actor = delivery_actor;
  using answer = delivery::state;
  static const caf::strong_actor_ptr& region(const region_handles& regions) { return regions.deliveries; }
  static const std::string& id_of(const answer& x) { return x.id.value; }
  static std::string_view word_of(const answer& x) { return name_of(x.status); }
};

template <class OnAnswer, class OnFailure>
void order_entity::ask(order_request request, provenance origin, placed_in builds_on, caf::timespan timeout,
                       OnAnswer on_answer, OnFailure on_failure) {
  auto send = [&](auto& group) {
    using target = target_of<std::decay_t<decltype(group)>>;
    const auto region = caf::actor_cast<typename target::actor>(target::region(regions()));
    std::visit(
      [&](auto& message) {
        using request_type = std::decay_t<decltype(message)>;
        // Where nobody traces, no text is copied.
        auto asked = is_tapped() ? key_of(message) : std::string{};
        if constexpr (requires { message.origin; })
          message.origin = std::move(origin);
        message.builds_on = builds_on;
        self()
          ->request(region, timeout, std::move(message))
          .then(
            [this, builds_on, on_answer, on_failure](const typename target::answer& answer) {
              if (is_tapped())
                tap_answer<request_type>(target::id_of(answer), {"ok", target::word_of(answer)});
              if (still_holds(builds_on))
                on_answer(answer);
              else
                on_failure(failure{ec::unavailable, "depends on a change that was not stored; repeat the request"});
            },
            [this, on_failure, asked = std::move(asked)](const caf::error& error) {
              const auto reason = to_failure(error);
              tap_answer<request_type>(asked, as_outcome(reason));
              on_failure(reason);
            });
      },
      group);
  };
  std::visit(send, request);
}

} // namespace waybill
