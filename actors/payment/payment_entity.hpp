#pragma once

#include "actors/entity/entity.hpp"
#include "actors/payment/payment_region.hpp"

#include <optional>
#include <vector>

namespace waybill {

/// Describes payments to entity<> and region<>.
struct payment_kind {
  using state = payment::state;
  using event = payment::event;
  using command = payment::command;
  using actor = payment_actor;
  using create_message = authorize_payment;
  using create_command = payment::authorize;
  static constexpr entity_kind kind = entity_kind::payment;
  static constexpr const char* region_name = "waybill.payment_region";
  static constexpr bool goes_on_when_placed = true;
};

/// Owns the payment of one order. The intent is durable before the provider is called, always under the same key (G4).
/// An answer that does not come in time makes the outcome unknown: the provider is asked for it by the key, and the key
/// is closed there before the operation counts as never done.
class payment_entity : public entity<payment_kind> {
public:
  static inline const char* name = "waybill.payment";

  payment_entity(payment_actor::pointer self, entity_start start, payment_settings settings,
                 payment_provider_actor provider);

  payment_actor::behavior_type make_behavior();

protected:
  result<std::vector<payment::event>> decide(const payment::command& command) override;
  void describe(append& request, const std::vector<payment::event>& events) override;
  bool unfinished() const override { return exists() && !payment::is_at_rest(state()); }
  bool finished() const override { return payment::is_at_rest(state()) && !only_waits(); }
  /// For the order to be delivered, which may take hours.
  bool only_waits() const override {
    return payment::is_at_rest(state()) && state().status == payment::status::authorized;
  }
  /// An authorised payment is captured or voided soon, so its state is not stored, unless that was refused. A refund is
  /// stored when it begins: the stored state says that nothing is under way.
  bool must_store(const append&) const override {
    if (!payment::is_at_rest(state()))
      return state().under_way->operation == payment::operation::refund;
    return state().status != payment::status::authorized || !state().decline_reason.empty();
  }
  std::optional<timestamp> due() const override;
  void pursue() override;
  void settle() override;
  void on_timer() override;
  void forget() override;
  std::string waits_for() const override;
  void let_waiters_go() override;
  /// The last append is the intent of the operation under way, or that its outcome is unknown.
  std::optional<read_stream_events> trace_query() const override {
    return unfinished() ? std::optional{read_stream_events{id(), version() - 1, 1}} : std::nullopt;
  }
  void restore_trace(const std::vector<stored_event>& past) override {
    if (!past.empty())
      origin_.traceparent = past.back().origin.traceparent;
  }

private:
  /// A caller that asked for an operation. It gets an answer when the outcome is recorded, or known to be unknown.
  struct waiter {
    reply<payment::state> answer;
    payment::operation operation = payment::operation::authorize;
  };

  template <class Message>
  caf::result<payment::state> operate(payment::operation operation, payment::command command, const Message& message);
  void answer_waiters();
  void record(payment::command command);

  void call_provider();
  void look_up();
  bool is_current(std::uint64_t question) const { return asked_ && question == questions_; }
  caf::result<payment::state> take_report(report_payment_outcome report);
  void record_report(const report_payment_outcome& report, reply<payment::state> answer);
  void on_answer(const provider_answer& answer, bool to_lookup);
  void on_no_answer();
  void again_later();

  payment_settings settings_;
  payment_provider_actor provider_;
  provenance origin_;
  std::vector<waiter> waiters_;
  /// The key of the intent that is being worked on; empty when none is.
  std::string working_on_;
  std::uint32_t attempt_ = 0;
  std::uint32_t lookups_ = 0;
  bool asked_ = false;
  /// The number of the latest request; answers to earlier ones are ignored.
  std::uint64_t questions_ = 0;
  /// The operation that the provider refused last, until there is a new intent.
  std::optional<payment::operation> refused_;
  /// When the call counts as lost or the next one starts.
  timestamp act_at_;
};

} // namespace waybill
