#include "persistence/queries/reader_actor.hpp"

#include "domain/base/errors.hpp"
#include "persistence/queries/to_answer.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <ranges>
#include <utility>

namespace waybill {

reader_state::reader_state(reader_actor::stateful_pointer<reader_state> self, std::unique_ptr<query_store> store,
                           std::shared_ptr<std::atomic<std::size_t>> waiting, std::shared_ptr<connection_health> health,
                           milliseconds pause)
  : self_{self}, store_{std::move(store)}, waiting_{std::move(waiting)},
    health_{health ? std::move(health) : std::make_shared<connection_health>()}, pause_{pause} {}

template <class Query>
auto reader_state::run(const Query& query) {
  using outcome_type = decltype(store_->run(query));
  const auto count_down = [this] { waiting_->fetch_sub(1, std::memory_order_relaxed); };
  if (health_->is_pausing(self_->clock().now())) {
    count_down();
    return to_answer(outcome_type{failure{ec::unavailable, "the database is away"}});
  }
  health_->begin();
  auto outcome = store_->run(query);
  const bool reached = outcome || outcome.error().code != ec::unavailable;
  health_->end(reached);
  if (!reached)
    health_->pause(self_->clock().now() + pause_);
  count_down();
  return to_answer(std::move(outcome));
}

reader_actor::behavior_type reader_state::make_behavior() {
  return [this]<class... Answer, class... Query>(boost::mp11::mp_list<Answer(Query)...>) {
    return reader_actor::behavior_type{[this](const Query& query) { return run(query); }...};
  }(all_queries{});
}

reader_router_state::reader_router_state(reader_actor::stateful_pointer<reader_router_state> self,
                                         std::vector<worker> workers, std::size_t max_waiting)
  : self_{self}, workers_{std::move(workers)}, max_waiting_{max_waiting} {}

reader_router_state::~reader_router_state() {
  for (const auto& left : workers_ | std::views::drop(ended_))
    caf::anon_send_exit(left.handle, caf::exit_reason::user_shutdown);
}

template <class Answer, class Query>
caf::result<Answer> reader_router_state::delegate(Query& query) {
  const auto now = self_->clock().now();
  const auto rank = [now](const worker& candidate) {
    return std::pair{candidate.health->is_pausing(now), candidate.waiting->load(std::memory_order_relaxed)};
  };
  const auto idlest = std::min_element(workers_.begin(), workers_.end(),
                                       [&](const worker& a, const worker& b) { return rank(a) < rank(b); });
  if (idlest->waiting->load(std::memory_order_relaxed) >= max_waiting_)
    return caf::make_error(ec::overloaded, "too many queries wait for the database");
  idlest->waiting->fetch_add(1, std::memory_order_relaxed);
  return self_->delegate(idlest->handle, std::move(query));
}

// The workers end one after the other: SQLite cleans up when the last connection closes, and of two that close at the
// same time each takes the other for the last.
void reader_router_state::end_next() {
  if (ended_ == workers_.size()) {
    self_->quit(reason_);
    return;
  }
  const auto& next = workers_[ended_++].handle;
  self_->monitor(next);
  self_->send_exit(next, caf::exit_reason::user_shutdown);
}

reader_actor::behavior_type reader_router_state::make_behavior() {
  self_->set_exit_handler([this](caf::exit_msg& message) {
    reason_ = message.reason;
    end_next();
  });
  self_->set_down_handler([this](caf::down_msg&) { end_next(); });
  return [this]<class... Answer, class... Query>(boost::mp11::mp_list<Answer(Query)...>) {
    return reader_actor::behavior_type{[this](Query& query) { return delegate<Answer>(query); }...};
  }(all_queries{});
}

reader_actor spawn_reader(caf::actor_system& sys, const std::function<std::unique_ptr<query_store>()>& open,
                          const reader_settings& settings, std::vector<std::shared_ptr<connection_health>>* health,
                          const supervise_actor& supervise) {
  std::vector<reader_router_state::worker> workers;
  for (std::size_t i = 0; i < std::max<std::size_t>(settings.connections, 1); ++i) {
    auto waiting = std::make_shared<std::atomic<std::size_t>>(0);
    auto state = std::make_shared<connection_health>();
    if (health)
      health->push_back(state);
    auto handle =
      sys.spawn<reader_actor::stateful_impl<reader_state>, caf::detached>(open(), waiting, state, settings.pause);
    workers.push_back({supervised(supervise, std::move(handle)), std::move(waiting), std::move(state)});
  }
  return sys.spawn<reader_actor::stateful_impl<reader_router_state>>(std::move(workers), settings.max_waiting);
}

} // namespace waybill
