#include "actors/delivery/delivery_entity.hpp"

#include "actors/delivery/simulated_couriers.hpp"
#include "actors/entity/region_actor.hpp"
#include "actors/support/backoff.hpp"
#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"

#include <algorithm>
#include <utility>

namespace waybill {

delivery_entity::delivery_entity(delivery_actor::pointer self, entity_start start, delivery_settings settings,
                                 courier_pool_actor couriers)
  : entity(self, std::move(start), settings.region), settings_(settings), couriers_(std::move(couriers)) {}

delivery_actor::behavior_type delivery_entity::make_behavior() {
  return {
    [this](resume_entity&) { count(), resume(); },
    [this](wake_up&) { wake(); },
    [this](retire_entity&) { retire(); },
    [this](describe_entity&) { return count(), answer_description(); },
    [this](request_delivery& command) { return count(), on_request(command); },
    [this](cancel_delivery& command) {
      count();
      return answer_command<delivery::state>(
        delivery::cancel{command.id}, command.origin, [this](const outcome&) { return state(); }, 0, command.builds_on);
    },
    [this](courier_says& command) { return count(), on_word(command); },
    [this](act_on_delivery& command) { return count(), on_act(command); },
    [this](view_delivery& query) { return count(), on_view(query); },
    [this](get_delivery& query) {
      return count(), answer_read<delivery::state>([this] { return state(); }, query.builds_on);
    },
  };
}

// -- the entity -------------------------------------------------------------------------------------------------------

result<std::vector<delivery::event>> delivery_entity::decide(const delivery::command& command) {
  return delivery::decide(state(), command, now(), settings_.job);
}

void delivery_entity::describe(append& request, const std::vector<delivery::event>&) {
  request.order = state().order.value;
  request.customer = state().customer.value;
  if (is_listed())
    request.rows.emplace_back(
      delivery_row{id(), state().courier.value, std::string{name_of(state().status)}, state().created_at});
}

bool delivery_entity::only_waits() const {
  if (asking_ > 0 || is_final())
    return false;
  if (state().status == delivery::status::requested)
    return in_line_;
  return is_with_person() || now() - state().updated_at >= settings_.remind_for;
}

std::optional<timestamp> delivery_entity::due() const {
  if (is_final())
    return tell_at_;
  const auto search_ends = delivery::search_ends(state(), settings_.job);
  auto deadline = search_ends ? search_ends : state().step_by;
  if (deadline && deadline == passed_)
    deadline = judge_at_;
  if (look_at_ && search_ends)
    return std::min(*look_at_, *deadline);
  return look_at_ ? look_at_ : deadline;
}

void delivery_entity::forget() {
  looking_ = in_line_ = telling_ = false;
  told_attempt_ = 0;
  look_at_.reset();
  tell_at_.reset();
  passed_.reset();
  place_of_ = {};
}

std::string delivery_entity::waits_for() const {
  switch (state().status) {
    case delivery::status::requested: return "a courier who has time";
    case delivery::status::offered: return "the answer of courier " + state().courier.value;
    case delivery::status::assigned: return "courier " + state().courier.value + " to start";
    case delivery::status::started: return "courier " + state().courier.value + " to arrive";
    default: return {};
  }
}

// -- commands ---------------------------------------------------------------------------------------------------------

caf::result<delivery::state> delivery_entity::on_request(const request_delivery& command) {
  origin_ = command.origin;
  if (command.is_new)
    note_new_id();
  return answer_command<delivery::state>(
    delivery::request{command.id, command.order, command.customer, command.name, command.address}, command.origin,
    [this](const outcome&) { return state(); }, 0, command.builds_on);
}

provenance delivery_entity::origin(const std::string& by_kind, const std::string& by_id) const {
  auto result = origin_;
  if (result.correlation_id.empty())
    result.correlation_id = state().order.value;
  result.causation_id = id();
  result.by_kind = by_kind;
  result.by_id = by_id;
  return result;
}

void delivery_entity::record(delivery::command command, const std::string& by_kind, const std::string& by_id) {
  execute(std::move(command), origin(by_kind, by_id), [this](const outcome& reply) {
    if (reply.error && reply.error->code != ec::illegal_transition)
      log_warning("delivery {} could not go on: {}", id(), reply.error->detail);
  });
}

// -- the job ----------------------------------------------------------------------------------------------------------

void delivery_entity::pursue() {
  // The order goes on with it. Of a cancellation it hears first by the answer to whoever cancelled.
  if (state().status == delivery::status::completed)
    tell_order();
  // A courier who was found for what turns out to be void is free again soon.
  if (state().status == delivery::status::requested)
    look_for_courier();
}

void delivery_entity::settle() {
  give_place_back();
  const bool is_taken = state().status == delivery::status::assigned || state().status == delivery::status::started;
  if (is_taken && is_with_person()) {
    place_of_ = state().courier;
    place_attempt_ = state().attempt;
  }
  switch (state().status) {
    case delivery::status::requested: break;
    case delivery::status::offered:
    case delivery::status::assigned:
    case delivery::status::started: make_offer(); break;
    default: tell_order(); break;
  }
}

void delivery_entity::on_timer() {
  if (tell_at_ && *tell_at_ <= now())
    tell_order();
  if (look_at_ && *look_at_ <= now()) {
    look_at_.reset();
    if (state().status == delivery::status::requested && is_settled())
      look_for_courier();
  }
  if (is_over(delivery::search_ends(state(), settings_.job), state().created_at, settings_.job.find_within))
    record(delivery::give_up_search{}, "system", "delivery");
  if (is_over(state().step_by, state().updated_at, delivery::step_limit(state(), settings_.job)))
    record(delivery::give_up_attempt{}, "system", "delivery");
}

/// Absences are not counted. After one a courier gets all their time again: they may have to be told anew.
bool delivery_entity::is_over(std::optional<timestamp> deadline, timestamp began, milliseconds limit) {
  if (!deadline || *deadline > now() || (deadline == passed_ && judge_at_ > now()))
    return false;
  role_set needed{role::delivery};
  if (is_with_person())
    needed.add(role::gateway);
  constexpr milliseconds soon{500};
  passed_ = deadline;
  judge_at_ = now() + soon;
  const auto fair = services().judge(*deadline, began, needed);
  if (!fair)
    return false;
  const bool searches = state().status == delivery::status::requested;
  const auto end = fair->back_since && !searches ? std::max(fair->at, *fair->back_since + limit) : fair->at;
  if (end > now())
    judge_at_ = end;
  return end <= now();
}

void delivery_entity::look_for_courier() {
  if (looking_ || look_at_)
    return;
  looking_ = true;
  in_line_ = false;
  const auto on_failure = [this](const caf::error& error) {
    const auto reason = to_failure(error);
    tap_answer<find_courier>("couriers", as_outcome(reason));
    looking_ = false;
    const auto code = reason.code;
    if (code == ec::timed_out || code == ec::overloaded)
      stand_in_line();
    else
      offer_again_later();
  };
  tap_call<find_courier>("couriers");
  // Waits in the pool's queue until a courier has time.
  self()
    ->request(couriers_, bounded_elsewhere,
              find_courier{delivery_id{id()}, state().tried, ask_again_at(), state().created_at,
                           conduct_from_address(state().address, 1).has_value()})
    .then(
      [this, then = placed()](const courier_found& found) {
        tap_answer<find_courier>("couriers", {"ok", found.courier.value});
        if (!still_holds(then))
          return;
        looking_ = false;
        failures_ = 0;
        record(delivery::offer{found.courier, found.is_person}, "system", "delivery");
      },
      on_failure);
}

/// The last courier lost the delivery when the state changed last.
timestamp delivery_entity::ask_again_at() const {
  return state().attempt == 0 ? timestamp{} : state().updated_at + settings_.job.ask_again_after;
}

void delivery_entity::offer_again_later() {
  look_at_ = now() + backoff(settings_.retry, ++failures_);
  arm(*look_at_);
}

/// The offer is durable before the courier gets it. After a restart it reminds the courier of their job.
void delivery_entity::make_offer() {
  if (told_attempt_ == state().attempt)
    return;
  told_attempt_ = state().attempt;
  tap_call<offer_delivery>("couriers", state().courier.value);
  self()
    ->request(couriers_, bounded_elsewhere,
              offer_delivery{delivery_id{id()}, state().courier, state().attempt, state().name, state().address,
                             state().status, state().to_person.value_or(false)})
    .then([] {},
          [this](const caf::error& reason) {
            log_warning("delivery {}: the courier could not be told: {}", id(), to_failure(reason).detail);
          });
}

/// The pool lets deliveries in again when there is room, wherever they are: this one need not be in memory.
void delivery_entity::stand_in_line() {
  if (state().status != delivery::status::requested)
    return;
  in_line_ = true;
  arm(now());
}

/// A request, because an error that answers a plain message would end this actor.
void delivery_entity::tell_order() {
  if (order_told_ || telling_ || state().order.empty())
    return;
  telling_ = true;
  tell_at_.reset();
  self()
    ->request(caf::actor_cast<order_actor>(regions().orders), bounded_elsewhere,
              delivery_ended{state().order, placed()})
    .then(
      [this] {
        tap_answer<delivery_ended>(state().order.value);
        on_order_told();
      },
      [this](const caf::error& error) {
        const auto reason = to_failure(error);
        tap_answer<delivery_ended>(state().order.value, as_outcome(reason));
        if (must_tell_order())
          tell_order_later(reason);
        else
          on_order_told();
      });
}

void delivery_entity::on_order_told() {
  telling_ = false;
  order_told_ = true;
  store_wait();
}

void delivery_entity::tell_order_later(const failure& reason) {
  telling_ = false;
  log_debug("delivery {}: its order could not be told, trying again: {}", id(), reason.detail);
  tell_at_ = now() + backoff(settings_.retry, ++untold_);
  arm(*tell_at_);
}

// -- the region -------------------------------------------------------------------------------------------------------

delivery_region_actor spawn_delivery_region(caf::actor_system& sys, const entity_services& services,
                                            const delivery_settings& settings, const courier_pool_actor& couriers) {
  return spawn_region<delivery_entity>(sys, services, settings.region, settings, couriers);
}

} // namespace waybill
