#include "actors/delivery/courier_entity.hpp"

#include "actors/entity/region_actor.hpp"
#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"

#include <algorithm>
#include <chrono>

namespace waybill {

courier_entity::courier_entity(courier_actor::pointer self, entity_start start, courier_entity_settings settings,
                               courier_pool_actor pool)
  : entity(self, std::move(start), settings.region), settings_(settings), pool_(std::move(pool)) {}

courier_actor::behavior_type courier_entity::make_behavior() {
  return {
    [this](resume_entity&) { count(), resume(); },
    [this](wake_up&) { wake(); },
    [this](retire_entity&) { retire(); },
    [this](describe_entity&) { return count(), answer_description(); },
    [this](add_courier& command) {
      count();
      return answer_command<courier::state>(std::move(command.add), command.origin,
                                            [this](const outcome&) { return state(); });
    },
    [this](get_courier& query) { return count(), on_get(query); },
    [this](change_courier& command) { return count(), on_change(command); },
    [this](remove_courier& command) {
      count();
      return answer_command<courier::state>(
        courier::remove{}, command.origin, [this](const outcome&) { return state(); }, command.expected_version);
    },
    [this](assign_courier& command) {
      return count(), answer_done(std::move(command.assign), command.origin);
    },
    [this](release_courier& command) {
      return count(), answer_done(std::move(command.release), command.origin);
    },
  };
}

// -- the entity -------------------------------------------------------------------------------------------------------

result<std::vector<courier::event>> courier_entity::decide(const courier::command& command) {
  return courier::decide(state(), command);
}

void courier_entity::describe(append& request, const std::vector<courier::event>&) {
  const auto& s = state();
  request.rows.emplace_back(
    courier_row{id(), s.online, s.removed, s.capacity, static_cast<std::uint32_t>(s.assignments.size()), s.updated_at});
}

std::optional<timestamp> courier_entity::due() const {
  return unfinished() ? check_at_ : std::nullopt;
}

void courier_entity::forget() {
  check_at_.reset();
  had_time_ = false;
}

std::string courier_entity::waits_for() const {
  return unfinished() ? "the end of " + std::to_string(state().assignments.size()) + " deliveries" : std::string{};
}

// -- commands ---------------------------------------------------------------------------------------------------------

template <class Promise, class Function>
void courier_entity::if_visible(const courier_viewer& on_behalf, Promise promise, Function done) {
  read([this, on_behalf, promise, done](const outcome& reply) mutable {
    if (reply.error)
      promise.deliver(to_error(*reply.error));
    else if (!exists() || state().removed || !on_behalf.may_see(state().id))
      promise.deliver(to_error(missing()));
    else
      done();
  });
}

caf::result<courier::state> courier_entity::on_get(const get_courier& query) {
  auto promise = self()->make_response_promise<courier::state>();
  if_visible(query.on_behalf, promise, [this, promise]() mutable { promise.deliver(state()); });
  return promise;
}

caf::result<courier::state> courier_entity::on_change(const change_courier& command) {
  auto promise = self()->make_response_promise<courier::state>();
  if_visible(command.on_behalf, promise, [this, promise, command] {
    execute(
      command.change, command.origin,
      [this, promise](const outcome& reply) mutable {
        if (reply.error)
          promise.deliver(to_error(*reply.error));
        else
          promise.deliver(state());
      },
      command.expected_version);
  });
  return promise;
}

caf::result<void> courier_entity::answer_done(courier::command command, const provenance& origin) {
  auto promise = self()->make_response_promise<void>();
  execute(std::move(command), origin, [promise](const outcome& reply) mutable {
    if (reply.error)
      promise.deliver(to_error(*reply.error));
    else
      promise.deliver();
  });
  return promise;
}

// -- assignments ------------------------------------------------------------------------------------------------------

bool courier_entity::has_time() const {
  return state().online && state().assignments.size() < state().capacity;
}

void courier_entity::pursue() {
  if (!std::exchange(had_time_, has_time()) && has_time() && pool_)
    caf::anon_send(pool_, courier_free{courier_id{id()}});
  if (!unfinished()) {
    check_at_.reset();
    return;
  }
  // After a restart it is not known which deliveries have ended in the meantime.
  if (!check_at_)
    check_all();
  else
    check_at_ = std::min(*check_at_, now() + settings_.check_interval);
}

void courier_entity::on_timer() {
  if (check_at_ && *check_at_ <= now())
    check_all();
}

/// Ever less often while nothing changes: a delivery that takes hours is asked a few times in all.
void courier_entity::check_all() {
  constexpr milliseconds longest{60 * 60'000};
  const auto unchanged = std::chrono::duration_cast<milliseconds>(now() - state().updated_at);
  check_at_ = now() + std::max(settings_.check_interval, std::min(unchanged, longest));
  for (const auto& held : state().assignments)
    check(held);
}

/// Gives the place back unless the delivery says that this attempt is open.
void courier_entity::check(const courier::assignment& held) {
  ++checking_;
  self()
    ->request(caf::actor_cast<delivery_actor>(regions().deliveries), settings_.request_timeout,
              get_delivery{held.delivery})
    .then(
      [this, held](const delivery::state& job) {
        --checking_;
        using enum delivery::status;
        const bool open = job.status == offered || job.status == assigned || job.status == started;
        if (!open || job.attempt != held.attempt || job.courier.value != id())
          release(held);
      },
      [this, held](const caf::error& reason) {
        --checking_;
        if (to_failure(reason).code == ec::not_found)
          release(held);
      });
}

void courier_entity::release(const courier::assignment& held) {
  log_info("courier {} no longer has delivery {}", id(), held.delivery.value);
  provenance origin;
  origin.correlation_id = held.delivery.value;
  origin.causation_id = held.delivery.value;
  origin.by_id = "courier";
  execute(courier::release{held.delivery, held.attempt}, std::move(origin), [this](const outcome& reply) {
    if (reply.error)
      log_warning("courier {}: a place could not be given back: {}", id(), reply.error->detail);
  });
}

// -- the region -------------------------------------------------------------------------------------------------------

courier_region_actor spawn_courier_region(caf::actor_system& sys, const entity_services& services,
                                          const courier_entity_settings& settings, const courier_pool_actor& pool) {
  return spawn_region<courier_entity>(sys, services, settings.region, settings, pool);
}

} // namespace waybill
