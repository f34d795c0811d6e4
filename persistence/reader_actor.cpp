#include "persistence/reader_actor.hpp"

#include <caf/actor_system.hpp>

#include <algorithm>

namespace waybill {

namespace {

template <class T>
caf::result<T> to_answer(result<T> outcome) {
  if (!outcome)
    return caf::make_error(outcome.error().code, outcome.error().detail);
  if constexpr (std::is_void_v<T>)
    return caf::unit;
  else
    return std::move(*outcome);
}

} // namespace

reader_state::reader_state(reader_actor::stateful_pointer<reader_state>, std::unique_ptr<query_store> store,
                           std::shared_ptr<std::atomic<std::size_t>> waiting)
  : store_{std::move(store)}, waiting_{std::move(waiting)} {}

reader_actor::behavior_type reader_state::make_behavior() {
  const auto run = [this](const auto& query) {
    auto answer = to_answer(store_->run(query));
    waiting_->fetch_sub(1, std::memory_order_relaxed);
    return answer;
  };
  return {
    [run](const load_entity& query) { return run(query); },
    [run](const find_reservation& query) { return run(query); },
    [run](const list_unfinished& query) { return run(query); },
    [run](const read_log& query) { return run(query); },
    [run](const get_log_end& query) { return run(query); },
    [run](const list_orders& query) { return run(query); },
    [run](const list_products& query) { return run(query); },
    [run](const list_notifications& query) { return run(query); },
    [run](const check_store& query) { return run(query); },
  };
}

reader_router_state::reader_router_state(reader_actor::stateful_pointer<reader_router_state> self,
                                         std::vector<worker> workers)
  : self_{self}, workers_{std::move(workers)} {}

template <class Query>
auto reader_router_state::delegate(Query& query) {
  const auto idlest = std::min_element(workers_.begin(), workers_.end(), [](const worker& a, const worker& b) {
    return a.waiting->load(std::memory_order_relaxed) < b.waiting->load(std::memory_order_relaxed);
  });
  idlest->waiting->fetch_add(1, std::memory_order_relaxed);
  return self_->delegate(idlest->handle, std::move(query));
}

// One after the other: of SQLite's connections the last one to be closed tidies up, and two that close at the same time
// each take the other for the last.
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
  return {
    [this](load_entity& query) { return delegate(query); },
    [this](find_reservation& query) { return delegate(query); },
    [this](list_unfinished& query) { return delegate(query); },
    [this](read_log& query) { return delegate(query); },
    [this](get_log_end& query) { return delegate(query); },
    [this](list_orders& query) { return delegate(query); },
    [this](list_products& query) { return delegate(query); },
    [this](list_notifications& query) { return delegate(query); },
    [this](check_store& query) { return delegate(query); },
  };
}

reader_actor spawn_reader(caf::actor_system& sys, const std::function<std::unique_ptr<query_store>()>& open,
                          std::size_t connections) {
  std::vector<reader_router_state::worker> workers;
  for (std::size_t i = 0; i < std::max<std::size_t>(connections, 1); ++i) {
    auto waiting = std::make_shared<std::atomic<std::size_t>>(0);
    auto handle = sys.spawn<reader_actor::stateful_impl<reader_state>, caf::detached>(open(), waiting);
    workers.push_back({std::move(handle), std::move(waiting)});
  }
  return sys.spawn<reader_actor::stateful_impl<reader_router_state>>(std::move(workers));
}

} // namespace waybill
