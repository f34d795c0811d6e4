#include "actors/order/order_entity.hpp"

#include "actors/entity/region.hpp"
#include "domain/base/errors.hpp"

#include <caf/actor_system.hpp>
#include <caf/telemetry/metric_registry.hpp>

namespace waybill {

order_metrics::order_metrics(caf::actor_system& sys)
  : placed(sys.metrics().counter_singleton("waybill", "orders-placed", "Orders placed.", "1", true)) {
  auto* family = sys.metrics().counter_family("waybill", "orders-finished", {"status"},
                                              "Orders that came to rest, by status.", "1", true);
  for (const auto status :
       {order::status::completed, order::status::rejected, order::status::cancelled, order::status::needs_attention}) {
    const auto word = std::string{name_of(status)};
    at_rest.emplace(status, family->get_or_add({{"status", word}}));
  }
}

order_entity::order_entity(order_actor::pointer self, entity_start start, order_settings settings,
                           std::shared_ptr<const order_metrics> metrics, std::shared_ptr<order_cache> board)
  : entity(self, std::move(start), settings.region), settings_(settings), metrics_(std::move(metrics)),
    cache_(std::move(board)) {}

order_actor::behavior_type order_entity::make_behavior() {
  return {
    [this](resume_entity&) { count(), resume(); },
    [this](wake_up&) { wake(); },
    [this](retire_entity&) { retire(); },
    [this](describe_entity&) { return count(), answer_description(); },
    [this](place_order& command) { return count(), on_place(command); },
    [this](get_order& command) { return count(), on_get(command); },
    [this](await_order& command) { return count(), on_await(command); },
    [this](cancel_order& command) { return count(), on_cancel(command); },
    [this](delivery_ended&) { count(), on_delivery_ended(); },
    [this](retry_order& command) { return count(), on_retry(command); },
    [this](resolve_order& command) { return count(), on_resolve(command); },
    [this](refund_order& command) { return count(), on_refund(command); },
    [this](hold_order& command) { return count(), on_hold(command); },
    [this](release_order& command) { return count(), on_release(command); },
    [this](change_order& command) { return count(), on_change(command); },
  };
}

// -- the entity -------------------------------------------------------------------------------------------------------

result<std::vector<order::event>> order_entity::decide(const order::command& command) {
  return order::decide(state(), command, now(), settings_.limits);
}

void order_entity::describe(append& request, const std::vector<order::event>& events) {
  request.order = id();
  request.customer = state().customer.value;
  // The list of orders filters by status: no row is written when that stays.
  const bool status_changed = std::any_of(events.begin(), events.end(), [](const order::event& event) {
    return std::holds_alternative<order::placed>(event) || std::holds_alternative<order::confirmed>(event)
           || std::holds_alternative<order::rejected>(event)
           || std::holds_alternative<order::fulfillment_started>(event)
           || std::holds_alternative<order::completed>(event) || std::holds_alternative<order::cancel_requested>(event)
           || std::holds_alternative<order::cancelled>(event) || std::holds_alternative<order::needs_attention>(event)
           || std::holds_alternative<order::retried>(event);
  });
  if (status_changed)
    request.rows.emplace_back(
      order_row{id(), state().customer.value, std::string{name_of(state().status)}, state().created_at});
}

bool order_entity::must_store(const append& request) const {
  if (!request.rows.empty())
    return true;
  return std::any_of(request.events.begin(), request.events.end(), [](const new_event& event) {
    constexpr std::string_view by_people[] = {"order.refund", "order.held", "order.released", "order.changed",
                                              "order.revis"};
    return std::any_of(std::begin(by_people), std::end(by_people),
                       [&](std::string_view begin) { return event.type.starts_with(begin); });
  });
}

std::optional<timestamp> order_entity::due() const {
  auto earliest = state().step_by;
  for (const auto& [what, progress] : steps_)
    if (!progress.done && (!earliest || progress.act_at < *earliest))
      earliest = progress.act_at;
  for (const auto& waiting : waiters_)
    if (!earliest || waiting.deadline < *earliest)
      earliest = waiting.deadline;
  return earliest;
}

/// Called whenever the state is durable; what was loaded has been counted where it happened.
void order_entity::count_changes() {
  const auto status = state().status;
  if (counted_ != order::status::none && counted_ != status)
    if (auto counter = metrics_->at_rest.find(status); counter != metrics_->at_rest.end())
      counter->second->inc();
  counted_ = status;
}

void order_entity::on_timer() {
  answer_waiters();
  if (!unfinished())
    return;
  if (state().step_by && *state().step_by <= now()) {
    give_up(due_.empty() ? "nobody released it in time" : "it took too long");
    return;
  }
  for (auto& [what, progress] : steps_) {
    if (progress.done || progress.act_at > now())
      continue;
    if (progress.under_way)
      on_trouble(what, {ec::timed_out, "no answer in time"});
    else
      start(what);
  }
}

void order_entity::let_waiters_go() {
  let_revision_waiters_go();
  for (auto& waiting : std::exchange(waiters_, {})) {
    if (waiting.cancelled)
      waiting.promise.deliver(state());
    else
      waiting.promise.delegate(caf::actor_cast<order_actor>(regions().orders),
                               await_order{state().id, waiting.until_at_rest, waiting.deadline, waiting.on_behalf});
  }
}

void order_entity::forget() {
  due_.clear();
  steps_.clear();
  refunding_ = {};
}

// -- commands ---------------------------------------------------------------------------------------------------------

caf::result<order_placed> order_entity::on_place(place_order& command) {
  origin_ = command.origin;
  order::place place{command.id,       command.customer, std::move(command.lines),      std::move(command.payment),
                     command.delivery, command.note,     std::move(command.fingerprint)};
  return answer_command<order_placed>(std::move(place), command.origin, [this](const outcome& what) {
    if (what.changed)
      metrics_->placed->inc();
    return order_placed{state(), !what.changed};
  });
}

bool order_entity::is_there_for(const viewer& whom) const {
  return exists() && whom.may_see(state().customer);
}

caf::result<order::state> order_entity::on_get(const get_order& command) {
  auto promise = self()->make_response_promise<order::state>();
  read([this, promise, whom = command.on_behalf](const outcome& what) mutable {
    if (what.error) {
      promise.deliver(to_error(*what.error));
    } else if (!is_there_for(whom)) {
      promise.deliver(to_error(missing()));
    } else {
      put_up();
      promise.deliver(state());
    }
  });
  return promise;
}

/// Most orders are read several times between two changes: by the next time the reader finds it without asking.
void order_entity::put_up() {
  if (!cache_ || is_up_)
    return;
  cache_->put_up(state(), link());
  is_up_ = true;
}

void order_entity::take_down() {
  if (std::exchange(is_up_, false))
    cache_->take_down(id(), *link());
}

caf::result<order::state> order_entity::on_await(const await_order& command) {
  auto promise = self()->make_response_promise<order::state>();
  read([this, promise, command](const outcome& what) mutable {
    if (what.error) {
      promise.deliver(to_error(*what.error));
    } else if (!is_there_for(command.on_behalf)) {
      promise.deliver(to_error(missing()));
    } else {
      waiters_.push_back({promise, command.until_at_rest, command.deadline, false, command.on_behalf});
      answer_waiters();
      if (!waiters_.empty())
        arm(command.deadline);
    }
  });
  return promise;
}

void order_entity::answer_waiters() {
  const bool settled = order::is_settled(state().status);
  const bool at_rest = order::is_at_rest(state().status);
  const auto time = now();
  std::erase_if(waiters_, [&](waiter& waiting) {
    const bool done = (waiting.until_at_rest ? at_rest : settled) || waiting.deadline <= time;
    if (done)
      waiting.promise.deliver(state());
    return done;
  });
}

caf::result<order::state> order_entity::on_cancel(const cancel_order& command) {
  auto promise = self()->make_response_promise<order::state>();
  read([this, promise, command](const outcome& what) mutable {
    if (what.error)
      promise.deliver(to_error(*what.error));
    else if (!is_there_for(command.on_behalf))
      promise.deliver(to_error(missing()));
    else if (state().status != order::status::fulfilling)
      cancel_now(command, command.expected_version, promise);
    else if (command.expected_version != 0 && command.expected_version != version())
      promise.deliver(to_error({ec::version_mismatch, id() + " is at version " + std::to_string(version())}));
    else
      cancel_after_delivery(command, promise);
  });
  return promise;
}

/// A delivery under way decides whether it is too late: only then is the cancellation recorded.
void order_entity::cancel_after_delivery(const cancel_order& command,
                                         caf::typed_response_promise<order::state> promise) {
  ++cancelling_;
  self()
    ->request(caf::actor_cast<delivery_actor>(regions().deliveries), settings_.retry.request_timeout,
              waybill::cancel_delivery{sibling_id<delivery_id>(state().id), command.origin})
    // The version was checked before the delivery was cancelled: from here on there is no way back.
    .then(
      [this, command, promise](const delivery::state&) {
        --cancelling_;
        cancel_now(command, 0, promise);
      },
      [this, promise](const caf::error& reason) mutable {
        --cancelling_;
        auto why = to_failure(reason);
        if (why.code == ec::illegal_transition)
          why.detail = id() + " cannot be cancelled in status " + std::string{name_of(state().status)}
                       + ": a courier is under way";
        promise.deliver(to_error(why));
        end_if_retired();
      });
}

void order_entity::cancel_now(const cancel_order& command, std::uint64_t expected_version,
                              caf::typed_response_promise<order::state> promise) {
  auto done = [this, promise](const outcome& what) mutable {
    if (what.error) {
      promise.deliver(to_error(*what.error));
      return;
    }
    // Most cancellations are through in a moment: the caller then sees the end.
    constexpr milliseconds moment{1'000};
    waiters_.push_back({promise, true, now() + moment, true, {}});
    answer_waiters();
    arm(now() + moment);
  };
  execute(order::request_cancel{command.reason}, command.origin, std::move(done), expected_version);
}

void order_entity::on_delivery_ended() {
  if (auto progress = steps_.find(step::await_delivery); progress != steps_.end() && !progress->second.done)
    start(step::await_delivery);
  else
    resume();
}

void order_entity::record(order::command command, std::string causation) {
  auto origin = origin_;
  origin.by_kind = "system";
  origin.by_id = "order";
  if (origin.correlation_id.empty())
    origin.correlation_id = id();
  origin.causation_id = std::move(causation);
  execute(std::move(command), std::move(origin), [this](const outcome& what) {
    // An answer that came too late for the status; what matters has been recorded.
    if (what.error && what.error->code != ec::illegal_transition)
      spdlog::warn("order {} could not record a step: {}", id(), what.error->detail);
  });
}

std::string order_entity::waits_for() const {
  std::string text;
  for (const auto& [what, progress] : steps_)
    if (!progress.done)
      text +=
        (text.empty() ? "" : ", ") + std::string{name_of(what)} + " (attempt " + std::to_string(progress.attempt) + ")";
  return text;
}

// -- the region -------------------------------------------------------------------------------------------------------

namespace {

struct order_traits {
  using actor = order_actor;
  using region_actor = order_region_actor;
  static constexpr entity_kind kind = entity_kind::order;
  static constexpr const char* type_name = "order";
  static constexpr const char* region_name = "waybill.order_region";
  template <class Command>
  static bool creates(const Command&) {
    return std::is_same_v<Command, place_order>;
  }
};

using order_region_state =
  region_state<order_traits, place_order, get_order, await_order, cancel_order, delivery_ended, retry_order,
               resolve_order, refund_order, hold_order, release_order, change_order>;

} // namespace

order_region_actor spawn_order_region(caf::actor_system& sys, const entity_services& services,
                                      const order_settings& settings, const std::shared_ptr<order_cache>& board) {
  auto metrics = std::make_shared<const order_metrics>(sys);
  auto make = [&sys, settings, metrics, board](entity_start start) -> order_actor {
    return sys.spawn<order_actor::stateful_impl<order_entity>>(std::move(start), settings, metrics, board);
  };
  return sys.spawn<order_region_actor::stateful_impl<order_region_state>>(services, settings.region, std::move(make));
}

} // namespace waybill
