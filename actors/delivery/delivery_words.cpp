#include "actors/delivery/delivery_entity.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"

#include <algorithm>
#include <utility>

/// What couriers, and operators in their place, say about a delivery.
namespace waybill {

namespace {

delivery::command command_of(courier_word word, std::uint32_t attempt, const std::string& reason) {
  switch (word) {
    case courier_word::accepted: break;
    case courier_word::declined: return delivery::decline{attempt, reason};
    case courier_word::started: return delivery::start{attempt};
    case courier_word::completed: return delivery::complete{attempt};
    case courier_word::aborted: return delivery::abort{attempt, reason};
  }
  return delivery::accept{attempt};
}

bool was_asked(const delivery::state& job, const courier_id& courier) {
  return std::find(job.tried.begin(), job.tried.end(), courier) != job.tried.end();
}

} // namespace

caf::result<delivery::state> delivery_entity::on_word(const courier_says& command) {
  return answer_command<delivery::state>(command_of(command.word, command.attempt, command.reason),
                                         origin("courier", command.courier.value),
                                         [this](const outcome&) { return state(); });
}

caf::result<delivery::state> delivery_entity::on_view(const view_delivery& query) {
  auto answer = make_reply<delivery::state>();
  read([this, answer, on_behalf = query.on_behalf](const outcome& known) mutable {
    if (known.error)
      answer.deliver(*known.error);
    else if (!exists() || !on_behalf.may_see(state().courier))
      answer.deliver(missing());
    else
      answer.deliver(state());
  });
  return answer.promise();
}

caf::result<delivery::state> delivery_entity::on_act(const act_on_delivery& command) {
  auto answer = make_reply<delivery::state>();
  read([this, answer, command](const outcome& known) mutable {
    if (known.error)
      answer.deliver(*known.error);
    else
      judge(command, answer);
  });
  return answer.promise();
}

/// Decides by who asks. A courier who lost the delivery, or let its offer pass, gets an error that says so; for all
/// others it does not exist.
void delivery_entity::judge(const act_on_delivery& command, state_reply answer) {
  const auto& viewer = command.on_behalf;
  const bool is_theirs = viewer.everything || viewer.may_see(state().courier);
  if (!exists() || (!is_theirs && !was_asked(state(), viewer.courier))) {
    answer.deliver(missing());
    return;
  }
  const auto attempt = command.attempt == 0 ? state().attempt : command.attempt;
  const bool gives_up = command.word == courier_word::declined || command.word == courier_word::aborted;
  if (is_theirs && attempt == state().attempt) {
    if (command.word == courier_word::accepted && is_with_person()
        && state().status == delivery::status::offered)
      ask_courier(command, attempt, answer);
    else
      carry_out(command, attempt, answer);
  } else if (gives_up) {
    // The courier gives up what is not theirs: nothing is to be done.
    answer.deliver(state());
  } else {
    answer.deliver(failure{ec::illegal_transition, "the offer has passed, the delivery is not theirs (any more)"});
  }
}

/// The courier gets the delivery when their own entity has a free place for it. If the answer comes too late, or the
/// offer has passed meanwhile, the courier's entity finds out by its regular check and gives the place back.
void delivery_entity::ask_courier(const act_on_delivery& command, std::uint32_t attempt, const state_reply& answer) {
  auto cause = command.origin;
  cause.causation_id = id();
  ++asking_;
  auto ask = [this, command, attempt, answer,
              place =
                assign_courier{state().courier, {delivery_id{id()}, attempt}, cause}](const failure* is_void) mutable {
    if (is_void != nullptr) {
      --asking_;
      answer.deliver(*is_void);
      return;
    }
    place_of_ = place.id;
    place_attempt_ = attempt;
    self()
      ->request(caf::actor_cast<courier_actor>(regions().couriers), settings_.retry.request_timeout, std::move(place))
      .then(
        [this, command, attempt, answer] {
          --asking_;
          carry_out(command, attempt, answer);
          end_if_retired();
        },
        [this, answer](const caf::error& reason) mutable {
          --asking_;
          answer.deliver(to_failure(reason));
          end_if_retired();
        });
  };
  when_durable(std::move(ask));
}

void delivery_entity::carry_out(const act_on_delivery& command, std::uint32_t attempt, const state_reply& answer) {
  auto cause = command.origin;
  cause.causation_id = id();
  execute(command_of(command.word, attempt, command.reason), std::move(cause),
          [this, answer](const outcome& done) mutable {
            if (!done.error) {
              answer.deliver(state());
              return;
            }
            // The attempt is over: a retry cannot succeed.
            auto reason = *done.error;
            if (reason.code == ec::conflict)
              reason.code = ec::illegal_transition;
            answer.deliver(reason);
            if (is_settled())
              give_place_back();
          });
}

/// Tells the courier of the last attempt that the delivery is no longer theirs.
void delivery_entity::give_place_back() {
  using enum delivery::status;
  const bool goes_on = state().status == offered || state().status == assigned || state().status == started;
  if (place_of_.empty() || (goes_on && state().attempt == place_attempt_))
    return;
  release_courier word{std::exchange(place_of_, {}), {delivery_id{id()}, place_attempt_}, origin("system", "delivery")};
  self()
    ->request(caf::actor_cast<courier_actor>(regions().couriers), settings_.retry.request_timeout, std::move(word))
    .then([] {},
          [this](const caf::error& reason) {
            log_debug("delivery {}: its courier could not be told: {}", id(), to_failure(reason).detail);
          });
}

} // namespace waybill
