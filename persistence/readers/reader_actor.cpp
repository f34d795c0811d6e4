#include "persistence/readers/reader_actor.hpp"

#include "domain/base/errors.hpp"
#include "persistence/queries/to_answer.hpp"
#include "persistence/readers/reader_router.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/telemetry/metric_registry.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>

namespace waybill {

namespace {

constexpr std::array<double, 11> bounds{.0005, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1.};

} // namespace

reader_state::reader_state(reader_actor::stateful_pointer<reader_state> self, std::unique_ptr<query_store> store,
                           std::shared_ptr<std::atomic<std::size_t>> waiting, std::shared_ptr<connection_health> health,
                           milliseconds pause, std::shared_ptr<reader_lane> lane)
  : self_{self}, store_{std::move(store)}, waiting_{std::move(waiting)},
    health_{health ? std::move(health) : std::make_shared<connection_health>()}, pause_{pause}, lane_{std::move(lane)},
    seconds_{self->system().metrics().histogram_family<double>(
      "waybill.database", "query", {"query"}, bounds,
      "Time of a question to the database, without waiting for a connection.", "seconds")} {}

caf::telemetry::dbl_histogram& reader_state::seconds_of(caf::type_id_t query) {
  auto& known = seconds_by_query_[query];
  if (known == nullptr) {
    const auto full = caf::query_type_name(query);
    std::string word{full.begin(), full.end()};
    word.erase(0, word.rfind(':') + 1);
    known = seconds_->get_or_add({{"query", word}});
  }
  return *known;
}

void reader_state::count_down() {
  waiting_->fetch_sub(1);
  if (lane_)
    lane_->on_finished();
}

template <class Query>
auto reader_state::run(const Query& query) {
  using outcome_type = decltype(store_->run(query));
  if (health_->is_pausing(self_->clock().now())) {
    count_down();
    return to_answer(outcome_type{to_failure(health_->trouble())});
  }
  health_->begin();
  const auto began = std::chrono::steady_clock::now();
  auto outcome = store_->run(query);
  const auto trouble = outcome ? store_trouble::none : trouble_of(outcome.error());
  health_->end(trouble);
  if (trouble == store_trouble::none)
    seconds_of(caf::type_id_v<Query>)
      .observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  if (trouble != store_trouble::none)
    health_->pause(self_->clock().now() + pause_);
  count_down();
  return to_answer(std::move(outcome));
}

reader_actor::behavior_type reader_state::make_behavior() {
  return [this]<class... Answer, class... Query>(boost::mp11::mp_list<Answer(Query)...>) {
    return reader_actor::behavior_type{// What is here is made at once.
                                       [](const abandon_request&) {},
                                       [this](const Query& query) { return run(query); }...};
  }(all_queries{});
}

reader_actor spawn_reader(caf::actor_system& sys, const std::function<std::unique_ptr<query_store>()>& open,
                          const reader_settings& settings, std::vector<std::shared_ptr<connection_health>>* health,
                          const supervise_actor& supervise) {
  const auto make_lane = [&](std::size_t count, bool is_watched) {
    reader_router_state::lane made{{}, std::make_shared<reader_lane>()};
    for (std::size_t i = 0; i < count; ++i) {
      auto waiting = std::make_shared<std::atomic<std::size_t>>(0);
      auto state = std::make_shared<connection_health>();
      if (health && is_watched)
        health->push_back(state);
      auto handle = sys.spawn<reader_actor::stateful_impl<reader_state>, caf::detached>(open(), waiting, state,
                                                                                        settings.pause, made.shared);
      made.workers.push_back({supervised(supervise, std::move(handle)), std::move(waiting), std::move(state)});
    }
    return made;
  };
  auto points = make_lane(std::max<std::size_t>(settings.connections, 1), true);
  auto scans = make_lane(settings.scan_connections, false);
  return sys.spawn<reader_router_actor::stateful_impl<reader_router_state>>(std::move(points), std::move(scans),
                                                                            settings.max_waiting);
}

} // namespace waybill
