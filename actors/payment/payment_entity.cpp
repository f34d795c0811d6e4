#include "actors/payment/payment_entity.hpp"

#include "actors/entity/region_actor.hpp"
#include "actors/support/backoff.hpp"
#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"

namespace waybill {

payment_entity::payment_entity(payment_actor::pointer self, entity_start start, payment_settings settings,
                               payment_provider_actor provider)
  : entity(self, std::move(start), settings.region), settings_(settings), provider_(std::move(provider)) {}

payment_actor::behavior_type payment_entity::make_behavior() {
  return {
    [this](resume_entity&) { count(), resume(); },
    [this](wake_up&) { wake(); },
    [this](retire_entity&) { retire(); },
    [this](describe_entity&) { return count(), answer_description(); },
    [this](authorize_payment& command) {
      count();
      return operate(
        payment::operation::authorize,
        payment::authorize{command.id, command.order, command.customer, command.amount, command.method, command.token},
        command);
    },
    [this](capture_payment& command) {
      return count(), operate(payment::operation::capture, payment::capture{}, command);
    },
    [this](void_payment& command) {
      return count(), operate(payment::operation::void_authorization, payment::void_authorization{command.id}, command);
    },
    [this](report_payment_outcome& report) { return count(), take_report(std::move(report)); },
    [this](get_payment& query) {
      return count(), answer_read<payment::state>([this] { return state(); }, query.builds_on);
    },
    [this](refund_payment& command) {
      return count(), operate(payment::operation::refund, payment::give_back{command.refund, command.amount}, command);
    },
  };
}

// -- the entity -------------------------------------------------------------------------------------------------------

result<std::vector<payment::event>> payment_entity::decide(const payment::command& command) {
  return payment::decide(state(), command, now());
}

void payment_entity::describe(append& request, const std::vector<payment::event>&) {
  request.order = state().order.value;
  request.customer = state().customer.value;
}

std::optional<timestamp> payment_entity::due() const {
  return working_on_.empty() ? std::nullopt : std::optional{act_at_};
}

/// The new owner calls the provider again, under the same key.
void payment_entity::let_waiters_go() {
  for (auto& waiting : std::exchange(waiters_, {}))
    waiting.answer.deliver(failure{ec::moved, id() + " is not here"});
}

/// The operations that callers wait for may never have begun: they ask again.
void payment_entity::forget() {
  for (auto& waiting : std::exchange(waiters_, {}))
    waiting.answer.deliver(failure{ec::unavailable, id() + " was loaded again: please repeat it"});
  working_on_.clear();
  asked_ = false;
}

std::string payment_entity::waits_for() const {
  if (!state().under_way)
    return {};
  return "the provider's answer to " + state().under_way->key + " (attempt " + std::to_string(attempt_) + ")";
}

// -- commands ---------------------------------------------------------------------------------------------------------

/// Answers when the operation has ended, or when its outcome is unknown: then the caller asks again later.
template <class Message>
caf::result<payment::state> payment_entity::operate(payment::operation operation, payment::command command,
                                                    const Message& message) {
  auto answer = make_reply<payment::state>(message.builds_on);
  origin_ = message.origin;
  auto done = [this, answer, operation](const outcome& begun) mutable {
    if (begun.error) {
      answer.deliver(*begun.error);
      return;
    }
    waiters_.push_back({answer, operation});
    answer_waiters();
  };
  execute(std::move(command), message.origin, std::move(done), 0, message.builds_on);
  return answer.promise();
}

void payment_entity::answer_waiters() {
  const bool unknown = state().under_way && state().under_way->unknown;
  if (!payment::is_at_rest(state()) && !unknown)
    return;
  for (auto& waiting : std::exchange(waiters_, {})) {
    // Refused for good: the money is where it was.
    const bool refused = refused_ == waiting.operation && state().status == payment::status::authorized;
    if (refused)
      waiting.answer.deliver(failure{ec::provider_refused, "the payment provider refused: " + state().decline_reason});
    else
      waiting.answer.deliver(state());
  }
}

void payment_entity::record(payment::command command) {
  auto origin = origin_;
  if (origin.correlation_id.empty())
    origin.correlation_id = state().order.value;
  origin.causation_id = working_on_;
  origin.by_kind = "system";
  origin.by_id = "payment";
  execute(std::move(command), std::move(origin), [this](const outcome& reply) {
    if (reply.error)
      log_warning("payment {} could not record the provider's answer: {}", id(), reply.error->detail);
  });
}

// -- the provider -----------------------------------------------------------------------------------------------------

void payment_entity::pursue() {
  answer_waiters();
  // What is still asked was about an operation that is over: a late answer must not count for the next one.
  if (!state().under_way || state().under_way->key != working_on_) {
    working_on_.clear();
    asked_ = false;
  }
}

void payment_entity::settle() {
  if (!state().under_way || working_on_ == state().under_way->key)
    return;
  working_on_ = state().under_way->key;
  attempt_ = lookups_ = 0;
  refused_.reset();
  // After a restart it is not known whether the call went out; calling again under the same key is safe.
  if (state().under_way->unknown)
    look_up();
  else
    call_provider();
}

void payment_entity::on_timer() {
  if (working_on_.empty() || act_at_ > now())
    return;
  if (!is_settled()) {
    // What the provider is asked must be durable.
    act_at_ = now() + settings_.retry.first;
    arm(act_at_);
    return;
  }
  if (asked_)
    on_no_answer();
  else if (state().under_way && state().under_way->unknown)
    look_up();
  else
    call_provider();
}

void payment_entity::call_provider() {
  const auto& intent = *state().under_way;
  asked_ = true;
  ++attempt_;
  const auto question = ++questions_;
  act_at_ = now() + settings_.provider_timeout;
  arm(act_at_);
  if (is_tapped())
    tap_call<provider_request>("provider", name_of(intent.operation));
  self()
    ->request(provider_, bounded_elsewhere,
              provider_request{intent.key, intent.operation, state().id, intent.amount, state().method, state().token,
                               state().reference, origin_.traceparent})
    .then(
      [this, question](const provider_answer& answer) {
        if (is_tapped())
          tap_answer<provider_request>("provider", {name_of(answer.outcome), answer.reason});
        if (is_current(question))
          on_answer(answer, false);
      },
      [this, question](const caf::error& reason) {
        tap_answer<provider_request>("provider", as_outcome(to_failure(reason)));
        if (is_current(question))
          on_no_answer();
      });
}

void payment_entity::look_up() {
  asked_ = true;
  ++attempt_;
  const auto question = ++questions_;
  act_at_ = now() + settings_.provider_timeout;
  arm(act_at_);
  const bool close = ++lookups_ >= settings_.lookups_until_closed;
  tap_call<provider_lookup>("provider", close ? "closes the key" : "");
  self()
    ->request(provider_, bounded_elsewhere, provider_lookup{working_on_, close, origin_.traceparent})
    .then(
      [this, question](const provider_answer& answer) {
        if (is_tapped())
          tap_answer<provider_lookup>("provider", {name_of(answer.outcome), answer.reason});
        if (is_current(question))
          on_answer(answer, true);
      },
      [this, question](const caf::error& reason) {
        tap_answer<provider_lookup>("provider", as_outcome(to_failure(reason)));
        if (is_current(question))
          on_no_answer();
      });
}

void payment_entity::on_answer(const provider_answer& answer, bool to_lookup) {
  asked_ = false;
  if (!state().under_way)
    return;
  switch (answer.outcome) {
    case provider_outcome::approved: record(payment::record_approved{answer.reference, working_on_}); break;
    case provider_outcome::declined:
      refused_ = state().under_way->operation;
      record(payment::record_declined{answer.reason, working_on_});
      break;
    case provider_outcome::try_again: again_later(); break;
    case provider_outcome::not_found:
      if (to_lookup && lookups_ >= settings_.lookups_until_closed)
        record(payment::record_declined{"the payment provider did not answer", working_on_});
      else
        again_later();
      break;
  }
}

/// A report about another operation than the one under way is old: that outcome is recorded already, or the operation
/// was given up after its key was closed. The answer goes out when the report is durable: the provider repeats it until
/// then.
caf::result<payment::state> payment_entity::take_report(report_payment_outcome report) {
  auto answer = make_reply<payment::state>();
  read([this, answer, report = std::move(report)](const outcome& known) mutable {
    if (known.error || !exists())
      answer.deliver(known.error ? *known.error : missing());
    else if (!state().under_way || state().under_way->key != report.key)
      answer.deliver(state());
    else
      record_report(report, answer);
  });
  return answer.promise();
}

void payment_entity::record_report(const report_payment_outcome& report, reply<payment::state> answer) {
  std::optional<payment::command> command;
  if (report.answer.outcome == provider_outcome::approved) {
    command = payment::record_approved{report.answer.reference, report.key};
  } else if (report.answer.outcome == provider_outcome::declined) {
    refused_ = state().under_way->operation;
    command = payment::record_declined{report.answer.reason, report.key};
  } else {
    answer.deliver(state());
    return;
  }
  auto origin = report.origin;
  if (origin.correlation_id.empty())
    origin.correlation_id = origin_.correlation_id.empty() ? state().order.value : origin_.correlation_id;
  // It belongs to the trace of the order, whatever the trace of the provider's request.
  if (tracing::sampled_context(origin_.traceparent))
    origin.traceparent = origin_.traceparent;
  execute(std::move(*command), std::move(origin), [this, answer](const outcome& recorded) mutable {
    // The answer to the call has recorded the outcome in the meantime.
    if (recorded.error && recorded.error->code != ec::illegal_transition)
      answer.deliver(*recorded.error);
    else
      answer.deliver(state());
  });
}

/// The call may have had its effect: it is not repeated, from now on the provider is asked for its outcome.
void payment_entity::on_no_answer() {
  asked_ = false;
  again_later();
  if (state().under_way && !state().under_way->unknown) {
    log_warning("payment {}: no answer to {} in time, asking for it by its key", id(), working_on_);
    record(payment::record_unknown{working_on_});
  }
}

void payment_entity::again_later() {
  act_at_ = now() + backoff(settings_.retry, attempt_);
  arm(act_at_);
}

// -- the region -------------------------------------------------------------------------------------------------------

payment_region_actor spawn_payment_region(caf::actor_system& sys, const entity_services& services,
                                          const payment_settings& settings, const payment_provider_actor& provider) {
  return spawn_region<payment_entity>(sys, services, settings.region, settings, provider);
}

} // namespace waybill
