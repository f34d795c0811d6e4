#include "actors/order/order_entity.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"

#include <algorithm>
#include <utility>

// What people ask of an order besides placing and reading it. Other lines are a small saga of their own: stock and
// money are got under a new number, one event makes them the order's, and what is not needed any more is given back
// under the number that it had (docs/adr/0010).

namespace waybill {

namespace {

order::person person_of(const provenance& origin) {
  return {origin.by_kind, origin.by_id};
}

} // namespace

template <class Answer, class Act>
caf::result<Answer> order_entity::once_read(audience allowed, const viewer& on_behalf, Act act) {
  auto answer = make_reply<Answer>();
  read([this, answer, allowed, on_behalf, act = std::move(act)](const outcome& known) mutable {
    const bool is_there = is_there_for(on_behalf) && (allowed == audience::owner || on_behalf.everything);
    if (known.error || !is_there)
      answer.deliver(known.error ? *known.error : missing());
    else
      act(answer);
  });
  return answer.promise();
}

// -- waiting ----------------------------------------------------------------------------------------------------------

caf::result<order::state> order_entity::on_await(await_order& command) {
  const auto on_behalf = command.on_behalf;
  auto act = [this, command = std::move(command)](auto& answer) mutable {
    const auto condition = command.until_at_rest ? wait_condition{until_at_rest{}} : wait_condition{until_settled{}};
    const auto deadline = command.deadline;
    wait({answer, condition, deadline, std::move(command)});
  };
  return once_read<order::state>(audience::owner, on_behalf, std::move(act));
}

void order_entity::wait(waiter item) {
  waiters_.add(std::move(item));
  if (is_settled())
    waiters_.answer(state(), now());
  if (const auto deadline = waiters_.due())
    arm(*deadline);
}

// -- cancellations ----------------------------------------------------------------------------------------------------

caf::result<order::state> order_entity::on_cancel(const cancel_order& command) {
  return once_read<order::state>(audience::owner, command.on_behalf, [this, command](auto& answer) {
    if (state().status != order::status::fulfilling)
      cancel_now(command, command.expected_version, answer);
    else if (command.expected_version != 0 && command.expected_version != version())
      answer.deliver(failure{ec::version_mismatch, id() + " is at version " + std::to_string(version())});
    else
      cancel_after_delivery(command, answer);
  });
}

/// A delivery under way decides whether it is too late: only then is the cancellation recorded.
void order_entity::cancel_after_delivery(const cancel_order& command, order_reply reply) {
  ++cancelling_;
  auto refused = [this, reply](const failure& reason) mutable {
    --cancelling_;
    reply.deliver(reason.code == ec::illegal_transition ? too_late_to_cancel(state()) : reason);
    end_if_retired();
  };
  auto cancel = [this, command, reply, refused](const failure* is_void) mutable {
    if (is_void != nullptr)
      return refused(*is_void);
    self()
      ->request(caf::actor_cast<delivery_actor>(regions().deliveries), settings_.retry.request_timeout,
                waybill::cancel_delivery{sibling_id<delivery_id>(state().id), command.origin})
      // The version was checked before the delivery was cancelled: from here on there is no way back.
      .then(
        [this, command, reply](const delivery::state& answer) {
          tap_answer<waybill::cancel_delivery>(answer.id.value, {"ok", name_of(answer.status)});
          --cancelling_;
          cancel_now(command, 0, reply);
        },
        [this, refused](const caf::error& error) mutable {
          const auto reason = to_failure(error);
          tap_answer<waybill::cancel_delivery>(sibling_id<delivery_id>(state().id).value, as_outcome(reason));
          refused(reason);
        });
  };
  when_durable(std::move(cancel));
}

void order_entity::cancel_now(const cancel_order& command, std::uint64_t expected_version, order_reply reply) {
  auto done = [this, reply](const outcome& recorded) mutable {
    // Most cancellations are through in a moment: the caller then sees the end.
    constexpr milliseconds moment{1'000};
    if (recorded.error)
      reply.deliver(*recorded.error);
    else
      wait({reply, until_cancelled{}, now() + moment});
  };
  execute(order::request_cancel{command.reason}, command.origin, std::move(done), expected_version);
}

/// The answer goes out when nothing depends on the word any more: until then the delivery repeats it.
caf::result<void> order_entity::on_delivery_ended(const delivery_ended& word) {
  auto promise = self()->make_response_promise<void>();
  auto done = [this, promise](const outcome& known) mutable {
    if (known.error) {
      promise.deliver(to_error(*known.error));
      return;
    }
    delivery_words_.push_back(promise);
    if (is_settled())
      acknowledge_delivery();
    if (awaits_delivery())
      carry_out(saga_.on_delivery_ended(state(), now()));
  };
  read(std::move(done), word.builds_on);
  return promise;
}

bool order_entity::awaits_delivery() const {
  const auto due = order::due_steps(state());
  return std::find(due.begin(), due.end(), order::step::await_delivery) != due.end();
}

void order_entity::acknowledge_delivery() {
  if (delivery_words_.empty() || awaits_delivery())
    return;
  for (auto& promise : std::exchange(delivery_words_, {}))
    promise.deliver();
}

// -- commands of operators --------------------------------------------------------------------------------------------

template <class Answer, class Command, class View>
void order_entity::obey(const reply<Answer>& answer, const Command& command, order::command decision, View view) {
  // What the saga does from now on can be traced back to the operator.
  origin_ = command.origin;
  execute(
    std::move(decision), command.origin,
    [answer, view](const outcome& done) mutable {
      if (done.error)
        answer.deliver(*done.error);
      else
        answer.deliver(view(done));
    },
    command.expected_version);
}

template <class Answer, class Command, class View>
caf::result<Answer> order_entity::obey_operator(const Command& command, order::command decision, View view) {
  return once_read<Answer>(audience::operators, command.on_behalf, [this, command, decision, view](auto& answer) {
    obey<Answer>(answer, command, decision, view);
  });
}

caf::result<refund_accepted> order_entity::on_refund(const refund_order& command) {
  return obey_operator<refund_accepted>(
    command, order::request_refund{command.refund, command.amount, command.reason, person_of(command.origin)},
    [this](const outcome& done) {
      return refund_accepted{state(), !done.changed};
    });
}

caf::result<order::state> order_entity::on_hold(const hold_order& command) {
  return obey_operator<order::state>(command, order::hold{person_of(command.origin), command.reason},
                                     [this](const outcome&) { return state(); });
}

caf::result<order::state> order_entity::on_release(const release_order& command) {
  return obey_operator<order::state>(command, order::release{person_of(command.origin), command.reason},
                                     [this](const outcome&) { return state(); });
}

caf::result<order::state> order_entity::on_retry(const retry_order& command) {
  return once_read<order::state>(audience::operators, command.on_behalf, [this, command](auto& answer) {
    if (resolving_)
      answer.deliver(being_resolved());
    else
      obey<order::state>(answer, command, order::retry{command.intent, command.reason},
                         [this](const outcome&) { return state(); });
  });
}

// -- payments ---------------------------------------------------------------------------------------------------------

caf::result<order_paid> order_entity::on_pay(const pay_order& command) {
  return once_read<order_paid>(audience::owner, command.on_behalf, [this, command](auto& answer) {
    // A payment that is known has moved the version itself.
    auto wanted = command;
    if (state().deferral && state().deferral->paid_at && state().deferral->intent == command.intent)
      wanted.expected_version = 0;
    obey<order_paid>(answer, wanted,
                     order::pay{command.payment, command.intent, command.fingerprint, person_of(command.origin)},
                     [this](const outcome& done) {
                       return order_paid{state(), !done.changed};
                     });
  });
}

// -- changes ----------------------------------------------------------------------------------------------------------

caf::result<order::state> order_entity::on_change(const change_order& command) {
  return once_read<order::state>(audience::owner, command.on_behalf, [this, command](auto& answer) {
    order::command decision = order::change{command.delivery, command.note};
    if (command.lines)
      decision = order::revise{command.intent, *command.lines, command.delivery, command.note};
    origin_ = command.origin;
    // A wish that is known has moved the version itself.
    const auto& revisions = state().revisions;
    const bool repeated = revisions && command.lines && !command.intent.empty() && revisions->intent == command.intent;
    execute(
      std::move(decision), command.origin,
      [this, reply = answer, command](const outcome& done) mutable {
        if (done.error)
          reply.deliver(*done.error);
        else
          await_revision(command, reply);
      },
      repeated ? 0 : command.expected_version);
  });
}

/// The revision's own deadline bounds the wait.
void order_entity::await_revision(const change_order& wish, order_reply reply) {
  const auto& revisions = state().revisions;
  const bool is_last = revisions && !wish.intent.empty() && revisions->intent == wish.intent;
  if (!wish.lines || !revisions || !(revisions->wanted || is_last)) {
    reply.deliver(state());
    return;
  }
  // A new owner knows the same wish by its intent, whatever the version is by then.
  auto again = wish;
  again.expected_version = 0;
  wait({reply, until_revised{revisions->last}, std::nullopt, std::move(again)});
}

// -- resolutions ------------------------------------------------------------------------------------------------------

/// A resolution under way, and who is told of its end.
struct order_entity::open_resolution {
  resolve_order command;
  order_reply reply;
  order_resolution progress;
  /// The version of the order that the operator decided on.
  std::uint64_t version = 0;
};

caf::result<order::state> order_entity::on_resolve(const resolve_order& command) {
  return once_read<order::state>(audience::operators, command.on_behalf, [this, command](auto& answer) {
    order_resolution progress{command.outcome, command.reason, settings_.limits, settings_.retry.request_timeout};
    begin(std::make_shared<open_resolution>(open_resolution{command, answer, std::move(progress), version()}));
  });
}

failure order_entity::being_resolved() const {
  return {ec::conflict, id() + " is just being resolved by somebody"};
}

void order_entity::begin(const resolution_ptr& resolution) {
  const auto expected_version = resolution->command.expected_version;
  if (resolving_) {
    resolution->reply.deliver(being_resolved());
    return;
  }
  if (expected_version != 0 && expected_version != version()) {
    resolution->reply.deliver(failure{ec::version_mismatch, id() + " is at version " + std::to_string(version())});
    return;
  }
  auto action = resolution->progress.begin(state(), now());
  if (const auto* refused = std::get_if<failure>(&action)) {
    resolution->reply.deliver(*refused);
  } else if (std::holds_alternative<std::monostate>(action)) {
    resolution->reply.deliver(state());
  } else {
    resolving_ = true;
    carry_out(resolution, std::move(action));
  }
}

void order_entity::carry_out(const resolution_ptr& resolution, order_resolution::next_action action) {
  if (auto* requests = std::get_if<std::vector<order_request>>(&action)) {
    when_durable([this, resolution, requests = std::move(*requests)](const failure* is_void) {
      if (is_void != nullptr)
        carry_out(resolution, *is_void);
      else
        send(resolution, requests);
    });
  } else if (const auto* refused = std::get_if<failure>(&action)) {
    resolving_ = false;
    log_info("order {} cannot be resolved as {}: {}", id(), name_of(resolution->command.outcome), refused->detail);
    resolution->reply.deliver(*refused);
    end_if_retired();
  } else if (auto* facts = std::get_if<order::resolve>(&action)) {
    record(resolution, std::move(*facts));
  }
}

void order_entity::send(const resolution_ptr& resolution, const std::vector<order_request>& requests) {
  auto origin = resolution->command.origin;
  origin.causation_id = id() + "/resolve";
  for (const auto& request : requests)
    ask(
      request, origin, {0, placed().generation}, settings_.retry.request_timeout,
      [this, resolution](const auto& answer) {
        carry_out(resolution, resolution->progress.on_answer(state(), now(), answer));
      },
      [this, resolution](const failure& reason) {
        carry_out(resolution, resolution->progress.on_failure(state(), now(), reason));
      });
}

void order_entity::record(const resolution_ptr& resolution, order::resolve facts) {
  execute(
    std::move(facts), resolution->command.origin,
    [this, resolution](const outcome& done) {
      resolving_ = false;
      if (done.error) {
        resolution->reply.deliver(*done.error);
        return;
      }
      const auto& command = resolution->command;
      log_info("order {} was resolved as {} by {}: {}", id(), name_of(command.outcome), command.origin.by_id,
               command.reason);
      resolution->reply.deliver(state());
    },
    resolution->version);
}

} // namespace waybill
