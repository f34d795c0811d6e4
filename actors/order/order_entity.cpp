#include "actors/order/order_entity.hpp"

#include "actors/entity/region_actor.hpp"
#include "actors/order/event_sets.hpp"
#include "actors/support/backoff.hpp"
#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "domain/order_view/listing.hpp"
#include "domain/order_view/waiting.hpp"

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
  std::array<double, 17> bounds{.001, .0025, .005, .01, .025, .05, .1,   .25,  .5,
                                1.,   2.5,   5.,   10., 30.,  60., 300., 1800.};
  auto* steps = sys.metrics().histogram_family<double>("waybill", "order-step", {"step"}, bounds,
                                                       "How long orders waited, by what for.", "seconds");
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<order::waiting>>([&](auto reason) {
    if (const std::string word{order::word_for(reason.value)}; !word.empty())
      waited[static_cast<std::size_t>(reason.value)] = steps->get_or_add({{"step", word}});
  });
  retries = sys.metrics().counter_family("waybill", "order-step-retries", {"step", "reason"},
                                         "Steps that were taken again, by why.", "1", true);
  placed_to_delivered = sys.metrics().histogram_singleton<double>(
    "waybill", "order-placed-to-delivered", bounds, "From the order to the end of its delivery.", "seconds");
}

order_entity::order_entity(order_actor::pointer self, entity_start start, order_settings settings,
                           std::shared_ptr<const order_metrics> metrics, std::shared_ptr<order_cache> cache)
  : entity(self, start, settings.region), settings_(settings), metrics_(std::move(metrics)), cache_(std::move(cache)),
    saga_({.times = {settings_.limits.reserve, settings_.retry.request_timeout},
           .delivery_poll = settings_.delivery_poll,
           .backoff = [this](std::uint32_t attempt) { return backoff(settings_.retry, attempt); },
           .judge =
             [this](const order::state& order, role_set roles) {
               return services().judge(order.step_by.value_or(now()), order::step_began(order, settings_.limits),
                                       roles);
             },
           .real_couriers = settings_.real_couriers}),
    retrying_(start.shared, start.id) {}

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
    [this](delivery_ended& word) { return count(), on_delivery_ended(word); },
    [this](retry_order& command) { return count(), on_retry(command); },
    [this](resolve_order& command) { return count(), on_resolve(command); },
    [this](refund_order& command) { return count(), on_refund(command); },
    [this](hold_order& command) { return count(), on_hold(command); },
    [this](release_order& command) { return count(), on_release(command); },
    [this](change_order& command) { return count(), on_change(command); },
    [this](pay_order& command) { return count(), on_pay(command); },
    [this](get_order_progress& query) { return count(false), on_get_progress(query); },
  };
}

// -- the entity -------------------------------------------------------------------------------------------------------

result<std::vector<order::event>> order_entity::decide(const order::command& command) {
  return order::decide(state(), command, now(), settings_.limits);
}

void order_entity::describe(append& request, const std::vector<order::event>& events) {
  measure(request.expected_version == 0);
  request.order = id();
  request.customer = state().customer.value;
  // The list of orders filters by status: no row is written when that stays.
  if (listed_changes::any_of(events))
    request.rows.emplace_back(order_row{id(), state().customer.value,
                                        std::string{name_of(order::listed_as(state().status))}, state().created_at});
}

bool order_entity::must_store(const append& request) const {
  return !request.rows.empty() || std::any_of(request.events.begin(), request.events.end(), [](const new_event& event) {
    return changes_by_people::contains(event.type);
  });
}

bool order_entity::only_waits() const {
  return !engaged() && waiters_.is_empty() && delivery_words_.empty() && saga_.only_waits(state());
}

std::string order_entity::waits_for() const {
  auto steps = saga_.waits_for();
  if (!steps.empty())
    return steps;
  switch (order::waiting_of(state())) {
    case order::waiting::payer: return "somebody to pay it";
    case order::waiting::release: return "an operator to release it";
    default: return steps;
  }
}

std::optional<timestamp> order_entity::due() const {
  const auto saga = saga_.due(state());
  const auto deadline = waiters_.due();
  return saga && deadline ? std::min(*saga, *deadline) : (saga ? saga : deadline);
}

/// Called whenever the state is durable; what was loaded has been counted where it happened.
void order_entity::count_changes() {
  const auto status = state().status;
  if (counted_ != order::status::none && counted_ != status)
    if (auto counter = metrics_->at_rest.find(status); counter != metrics_->at_rest.end())
      counter->second->inc();
  counted_ = status;
}

/// By the times of its events, as they are decided: when they are durable others may have followed. An order that was
/// loaded in the middle of a step is not measured before the next one.
void order_entity::measure(bool is_new) {
  const auto reason = order::waiting_of(state());
  const auto at = state().updated_at;
  const auto count = [&](caf::telemetry::dbl_histogram& histogram, timestamp since) {
    auto* const exemplars = services().tracer ? &services().tracer->exemplars() : nullptr;
    tracing::observe(histogram, std::chrono::duration<double>(at - since).count(), exemplars, trace_.id(), at);
  };
  if (is_new)
    waits_since_ = at;
  else if (reason_ == reason)
    return;
  else if (reason_) {
    auto* histogram = metrics_->waited[static_cast<std::size_t>(*reason_)];
    if (histogram != nullptr && waits_since_)
      count(*histogram, *waits_since_);
    if (reason_ == order::waiting::courier && reason == order::waiting::settlement)
      count(*metrics_->placed_to_delivered, state().created_at);
    waits_since_ = at;
  }
  reason_ = reason;
}

void order_entity::pursue() {
  if (!reason_)
    reason_ = order::waiting_of(state());
  waiters_.note(state());
  carry_out(saga_.follow(state(), now()));
}

void order_entity::settle() {
  count_changes();
  waiters_.answer(state(), now());
  acknowledge_delivery();
  if (is_asked_for_)
    publish();
}

void order_entity::on_timer() {
  if (is_settled())
    waiters_.answer(state(), now());
  carry_out(saga_.on_time(state(), now()));
}

void order_entity::let_waiters_go() {
  waiters_.leave(state(), [this](order_reply& reply, auto message) {
    reply.promise().delegate(caf::actor_cast<order_actor>(regions().orders), std::move(message));
  });
  for (auto& promise : std::exchange(delivery_words_, {}))
    promise.deliver(to_error({ec::moved, id() + " is not here"}));
}

// -- the saga ---------------------------------------------------------------------------------------------------------

void order_entity::carry_out(saga_actions actions) {
  for (const auto& retry : actions.retries) {
    const std::string step{name_of(retry.step)};
    const std::string reason{name_of(retry.reason)};
    metrics_->retries->get_or_add({{"step", step}, {"reason", reason}})->inc();
    tap_retry(services(), order_kind::kind, id(), step, reason);
  }
  for (auto& request : actions.requests) {
    const auto attempt = request.attempt;
    if (auto* const group = std::get_if<delivery_request>(&request.message))
      if (auto* const first = std::get_if<request_delivery>(group))
        // An order that was loaded does not know whether it has asked before.
        first->is_new = !was_loaded() && !std::exchange(is_delivery_requested_, true);
    // The time-out is the saga's own: see order_saga::on_time.
    auto origin = system_origin(causation_of(state(), attempt.step));
    if (trace_.is_on())
      origin.traceparent = trace_.traceparent_of(attempt.step);
    ask(
      std::move(request.message), std::move(origin), placed(), caf::infinite,
      [this, attempt](const auto& answer) { carry_out(saga_.on_answer(state(), now(), attempt, answer)); },
      [this, attempt](const failure& reason) { carry_out(saga_.on_failure(state(), now(), attempt, reason)); });
  }
  if (const auto when = saga_.due(state()))
    arm(*when);
  retrying_.set(saga_.is_retrying(), state().created_at);
  if (actions.record)
    record(std::move(*actions.record));
}

void order_entity::record(order_record item) {
  if (const auto* given_up = std::get_if<order::give_up_step>(&item.command))
    log_warning("order {} gives up {}", id(), given_up->reason);
  auto done = [this](const outcome& recorded) {
    // An answer that came too late for the status; what matters has been recorded.
    if (recorded.error && recorded.error->code != ec::illegal_transition)
      log_warning("order {} could not record a step: {}", id(), recorded.error->detail);
  };
  execute(std::move(item.command), system_origin(std::move(item.causation)), std::move(done), 0, placed());
}

provenance order_entity::system_origin(std::string causation) const {
  auto origin = origin_;
  if (origin.correlation_id.empty())
    origin.correlation_id = id();
  origin.causation_id = std::move(causation);
  origin.by_kind = "system";
  origin.by_id = "order";
  if (trace_.is_on())
    origin.traceparent = trace_.traceparent();
  return origin;
}

// -- the trace --------------------------------------------------------------------------------------------------------

std::optional<read_stream_events> order_entity::trace_query() const {
  constexpr std::uint32_t most = 200;
  return unfinished() ? std::optional{read_stream_events{id(), 0, most}} : std::nullopt;
}

/// The node that had the order may have died with spans that it had not sent. Sending them twice does no harm: they
/// have the same ids.
void order_entity::restore_trace(const std::vector<stored_event>& past) {
  constexpr std::chrono::minutes surely_sent{1};
  auto ended = trace_.restore(past, services().tracer->database());
  if (past.empty() || now() - past.back().at > surely_sent)
    return;
  for (auto& span : ended)
    services().tracer->add(std::move(span));
}

// -- commands ---------------------------------------------------------------------------------------------------------

caf::result<order_placed> order_entity::on_place(place_order& command) {
  origin_ = command.origin;
  if (command.is_new)
    note_new_id();
  order::place place{command.id,       command.customer, std::move(command.lines),       std::move(command.payment),
                     command.delivery, command.note,     std::move(command.fingerprint), std::move(command.metadata)};
  return answer_command<order_placed>(std::move(place), command.origin, [this](const outcome& recorded) {
    if (recorded.changed)
      when_durable([this](const failure* is_void) {
        if (is_void == nullptr)
          metrics_->placed->inc();
      });
    return order_placed{state(), !recorded.changed};
  });
}

bool order_entity::is_there_for(const viewer& whom) const {
  return exists() && whom.may_see(state().customer);
}

caf::result<order::state> order_entity::on_get(const get_order& command) {
  auto answer = make_reply<order::state>();
  read([this, answer, whom = command.on_behalf](const outcome& known) mutable {
    if (known.error) {
      answer.deliver(*known.error);
    } else if (!is_there_for(whom)) {
      answer.deliver(missing());
    } else {
      publish();
      answer.deliver(state());
    }
  });
  return answer.promise();
}

/// To look on is no use of the order: who waits may leave the memory meanwhile.
caf::result<order_progress> order_entity::on_get_progress(const get_order_progress& query) {
  auto answer = make_reply<order_progress>();
  auto done = [this, answer, whom = query.on_behalf](const outcome& known) mutable {
    if (known.error || !is_there_for(whom)) {
      answer.deliver(known.error ? *known.error : missing());
      return;
    }
    order_progress progress{true, services().node, state(), saga_.open_steps(), {}};
    if (order::has_work(state()))
      progress.next_timer = saga_.due(state());
    answer.deliver(std::move(progress));
  };
  read(std::move(done), {}, false);
  return answer.promise();
}

/// Most orders are read several times between two changes: by the next time the reader finds it without asking. What
/// another node may still change is not shown to readers.
void order_entity::publish() {
  is_asked_for_ = !is_settled();
  if (!cache_ || is_published_ || is_asked_for_ || !is_sole_owner())
    return;
  cache_->publish(state(), link());
  is_published_ = true;
}

void order_entity::invalidate() {
  if (std::exchange(is_published_, false))
    cache_->invalidate(id(), *link());
}

// -- the region -------------------------------------------------------------------------------------------------------

order_region_actor spawn_order_region(caf::actor_system& sys, const entity_services& services,
                                      const order_settings& settings, const std::shared_ptr<order_cache>& cache) {
  return spawn_region<order_entity>(sys, services, settings.region, settings,
                                    std::make_shared<const order_metrics>(sys), cache);
}

} // namespace waybill
