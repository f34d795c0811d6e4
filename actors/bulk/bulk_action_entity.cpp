#include "actors/bulk/bulk_action_entity.hpp"

#include "actors/entity/region_actor.hpp"
#include "actors/order/resolution.hpp"
#include "actors/support/backoff.hpp"
#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"

#include <caf/actor_cast.hpp>

#include <algorithm>
#include <utility>

namespace waybill {

namespace {

/// It may work a moment later.
bool may_pass(ec code) {
  switch (code) {
    case ec::unavailable:
    case ec::overloaded:
    case ec::timed_out:
    case ec::moved:
    case ec::shutting_down:
    // Somebody else is at the same order.
    case ec::conflict: return true;
    default: return false;
  }
}

order::command decision_of(const bulk::state& action, const std::string& cause) {
  switch (action.action) {
    case bulk::action::cancel: return order::request_cancel{action.reason};
    case bulk::action::hold: return order::hold{action.by, action.reason};
    case bulk::action::release: return order::release{action.by, action.reason};
    case bulk::action::retry: return order::retry{cause, action.reason};
    case bulk::action::resolve: break;
  }
  return order::resolve{action.outcome, action.reason};
}

} // namespace

bulk_action_entity::bulk_action_entity(bulk_action_actor::pointer self, entity_start start,
                                       bulk_action_settings settings)
  : entity(self, std::move(start), settings.region), settings_(settings) {}

bulk_action_actor::behavior_type bulk_action_entity::make_behavior() {
  return {
    [this](resume_entity&) { count(), resume(); },
    [this](wake_up&) { wake(); },
    [this](retire_entity&) { retire(); },
    [this](describe_entity&) { return count(), answer_description(); },
    [this](start_bulk_action& wanted) {
      count();
      bulk::start command{{wanted.id,
                           wanted.action,
                           wanted.outcome,
                           wanted.reason,
                           wanted.dry_run,
                           wanted.more,
                           {wanted.origin.by_kind, wanted.origin.by_id},
                           wanted.origin.correlation_id,
                           wanted.origin.traceparent,
                           std::move(wanted.orders),
                           wanted.fingerprint}};
      return answer_command<bulk_action_started>(std::move(command), wanted.origin, [this](const outcome& done) {
        return bulk_action_started{state(), !done.changed};
      });
    },
    [this](get_bulk_action&) { return count(), answer_read<bulk::state>([this] { return state(); }); },
    [this](stop_bulk_action& wanted) {
      count();
      return answer_command<bulk::state>(bulk::request_stop{{wanted.origin.by_kind, wanted.origin.by_id}},
                                         wanted.origin, [this](const outcome&) { return state(); });
    },
  };
}

// -- the entity -------------------------------------------------------------------------------------------------------

result<std::vector<bulk::event>> bulk_action_entity::decide(const bulk::command& command) {
  return bulk::decide(state(), command);
}

bool bulk_action_entity::must_store(const append& request) const {
  return std::ranges::any_of(request.events, [](const new_event& event) {
    return event.type == bulk::started::type || event.type == bulk::stop_requested::type
           || event.type == bulk::ended::type;
  });
}

void bulk_action_entity::forget() {
  round_.reset();
  next_round_at_.reset();
  attempts_.clear();
}

std::string bulk_action_entity::waits_for() const {
  if (!unfinished())
    return {};
  using enum bulk::item_status;
  const auto open = bulk::count_of(state(), pending) + bulk::count_of(state(), begun);
  return std::to_string(open) + " of " + std::to_string(state().items.size()) + " orders";
}

// -- rounds -----------------------------------------------------------------------------------------------------------

void bulk_action_entity::pursue() {
  if (unfinished() && !round_ && !next_round_at_)
    start_round();
}

void bulk_action_entity::on_timer() {
  if (!next_round_at_ || *next_round_at_ > now())
    return;
  next_round_at_.reset();
  pursue();
}

/// Orders that were begun come first: they may have had their commands.
void bulk_action_entity::start_round() {
  if (const auto begun = bulk::items_of(state(), bulk::item_status::begun, settings_.at_once); !begun.empty())
    for_all(begun, [this](const round_ptr& at, const bulk::item& item) { command(at, item); });
  else
    for_all(bulk::items_of(state(), bulk::item_status::pending, settings_.at_once),
            [this](const round_ptr& at, const bulk::item& item) { look_at(at, item); });
}

template <class Work>
void bulk_action_entity::for_all(const std::vector<bulk::item>& items, Work work) {
  const auto at = std::make_shared<round>();
  at->missing = items.size();
  round_ = at;
  for (const auto& item : items)
    work(at, item);
}

void bulk_action_entity::count_down(const round_ptr& at) {
  if (--at->missing == 0 && at == round_)
    finish_round(at);
}

void bulk_action_entity::finish_round(const round_ptr& at) {
  if (at->again)
    pause();
  if (at->results.empty() && at->begun.empty()) {
    round_.reset();
    return;
  }
  provenance origin{state().correlation, id(), state().traceparent, "system", "bulk_action"};
  bulk::record_progress progress{std::move(at->results), std::move(at->begun)};
  execute(std::move(progress), std::move(origin), [this, at](const outcome& recorded) {
    if (at != round_)
      return;
    round_.reset();
    if (recorded.error)
      log_warning("bulk action {}: its progress could not be recorded: {}", id(), recorded.error->detail);
    // What was recorded leads to the next round; otherwise it is time that does.
    if (!recorded.changed)
      pause();
    else if (!at->again)
      pauses_ = 0;
  });
}

void bulk_action_entity::pause() {
  next_round_at_ = now() + backoff(settings_.retry, ++pauses_);
  arm(*next_round_at_);
}

// -- one order --------------------------------------------------------------------------------------------------------

provenance bulk_action_entity::origin_for(const order_id& order) const {
  return {state().correlation, cause_of(order), state().traceparent, state().by.kind, state().by.id};
}

void bulk_action_entity::note(const round_ptr& at, const order_id& order, const failure* refused) {
  if (refused == nullptr)
    at->results.push_back({order, {}, {}});
  else
    at->results.push_back({order, std::string{to_string(refused->code)}, refused->detail});
  count_down(at);
}

bool bulk_action_entity::is_given_up(const order_id& order) {
  return ++attempts_[order] >= settings_.most_attempts;
}

void bulk_action_entity::look_at(const round_ptr& at, const bulk::item& item) {
  self()
    ->request(caf::actor_cast<order_actor>(regions().orders), settings_.request_timeout,
              get_order{item.order, of_everything()})
    .then(
      [this, at](const order::state& order) {
        if (state().dry_run) {
          judge(at, order);
          return;
        }
        at->begun.push_back({order.id, order.version});
        count_down(at);
      },
      [this, at, item](const caf::error& error) {
        const auto reason = to_failure(error);
        if (!may_pass(reason.code) || is_given_up(item.order)) {
          note(at, item.order, &reason);
          return;
        }
        at->again = true;
        count_down(at);
      });
}

/// What the order would say. A resolution can still be refused by what its payment and its delivery say.
void bulk_action_entity::judge(const round_ptr& at, const order::state& order) {
  std::optional<failure> refused;
  if (state().action == bulk::action::resolve) {
    order_resolution resolution{state().outcome, state().reason, settings_.limits, settings_.request_timeout};
    if (auto action = resolution.begin(order, now()); std::holds_alternative<failure>(action))
      refused = std::get<failure>(std::move(action));
  } else if (state().action == bulk::action::cancel && order.status == order::status::fulfilling) {
    judge_delivery(at, order.id);
    return;
  } else if (const auto decided =
               order::decide(order, decision_of(state(), cause_of(order.id)), now(), settings_.limits);
             !decided) {
    refused = decided.error();
  }
  note(at, order.id, refused ? &*refused : nullptr);
}

/// A delivery under way decides whether it is too late.
void bulk_action_entity::judge_delivery(const round_ptr& at, const order_id& order) {
  const auto delivery = sibling_id<delivery_id>(order);
  self()
    ->request(caf::actor_cast<delivery_actor>(regions().deliveries), settings_.request_timeout, get_delivery{delivery})
    .then(
      [this, at, order, delivery](const delivery::state& known) {
        const auto decided = delivery::decide(known, delivery::cancel{delivery}, now(), {});
        const failure late{ec::illegal_transition, order.value + " cannot be cancelled: a courier is under way"};
        note(at, order, decided ? nullptr : &late);
      },
      [this, at, order](const caf::error& error) {
        const auto reason = to_failure(error);
        note(at, order, reason.code == ec::not_found ? nullptr : &reason);
      });
}

void bulk_action_entity::command(const round_ptr& at, const bulk::item& item) {
  const auto origin = origin_for(item.order);
  const auto& action = state();
  switch (action.action) {
    case bulk::action::cancel:
      send(at, item, cancel_order{item.order, action.reason, item.version, origin, of_everything()});
      break;
    case bulk::action::hold:
      send(at, item, hold_order{item.order, action.reason, item.version, origin, of_everything()});
      break;
    case bulk::action::release:
      send(at, item, release_order{item.order, action.reason, item.version, origin, of_everything()});
      break;
    case bulk::action::retry:
      send(at, item,
           retry_order{item.order, cause_of(item.order), action.reason, item.version, origin, of_everything()});
      break;
    case bulk::action::resolve:
      send(at, item, resolve_order{item.order, action.outcome, action.reason, item.version, origin, of_everything()});
      break;
  }
}

template <class Command>
void bulk_action_entity::send(const round_ptr& at, const bulk::item& item, Command command) {
  self()
    ->request(caf::actor_cast<order_actor>(regions().orders), settings_.request_timeout, std::move(command))
    .then([this, at, item](const order::state&) { note(at, item.order, nullptr); },
          [this, at, item](const caf::error& error) { on_refused(at, item, to_failure(error)); });
}

void bulk_action_entity::on_refused(const round_ptr& at, const bulk::item& item, const failure& reason) {
  if (reason.code == ec::version_mismatch) {
    look_back(at, item, reason);
  } else if (!may_pass(reason.code)) {
    note(at, item.order, &reason);
  } else if (is_given_up(item.order)) {
    // It may have had its effect without an answer.
    look_back(at, item, reason);
  } else {
    at->again = true;
    count_down(at);
  }
}

void bulk_action_entity::look_back(const round_ptr& at, const bulk::item& item, const failure& reason) {
  self()
    ->request(services().reader, bounded_elsewhere, read_stream_events{item.order.value, item.version})
    .then(
      [this, at, item, reason](const stream_events& since) {
        const bool is_ours = std::ranges::any_of(
          since.events, [&](const stored_event& event) { return event.origin.causation_id == cause_of(item.order); });
        if (is_ours)
          note(at, item.order, nullptr);
        else
          decide_again(at, item, reason);
      },
      [this, at](const caf::error&) {
        at->again = true;
        count_down(at);
      });
}

/// The order has moved without this command: it is decided on what the order is now.
void bulk_action_entity::decide_again(const round_ptr& at, const bulk::item& item, const failure& reason) {
  if (reason.code != ec::version_mismatch || is_given_up(item.order))
    note(at, item.order, &reason);
  else
    look_at(at, item);
}

// -- the region -------------------------------------------------------------------------------------------------------

bulk_action_region_actor spawn_bulk_action_region(caf::actor_system& sys, const entity_services& services,
                                                  const bulk_action_settings& settings) {
  return spawn_region<bulk_action_entity>(sys, services, settings.region, settings);
}

} // namespace waybill
