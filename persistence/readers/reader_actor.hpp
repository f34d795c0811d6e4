#pragma once

#include "messages/actors.hpp"
#include "messages/supervision.hpp"
#include "persistence/database/connection_health.hpp"
#include "persistence/store.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/telemetry/histogram.hpp>
#include <caf/telemetry/metric_family_impl.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace waybill {

struct reader_settings {
  /// Each with a connection and a thread.
  std::size_t connections = 1;
  /// As many more that only scan the event log; zero: the others do that too.
  std::size_t scan_connections = 0;
  /// Queries that wait for one connection; more are refused with ec::overloaded.
  std::size_t max_waiting = 10'000;
  /// After an attempt to reach the database failed, queries fail at once for this time: otherwise each query that waits
  /// would wait for an attempt of its own.
  milliseconds pause{500};
};

/// What the readers of one kind share with the router in front of them. Thread-safe.
class reader_lane {
public:
  void connect(std::function<void()> wake) {
    const std::lock_guard lock{mutex_};
    wake_ = std::move(wake);
  }

  /// A reader has finished a query: the router is told if queries wait for one.
  void on_finished() {
    if (queued == 0)
      return;
    const std::lock_guard lock{mutex_};
    if (wake_)
      wake_();
  }

  /// The router ends.
  void disconnect() { connect({}); }

  /// Queries that wait at the router.
  std::atomic<std::size_t> queued = 0;

private:
  std::mutex mutex_;
  std::function<void()> wake_;
};

/// Answers queries over one connection. Blocks, for no longer than the store's time-outs.
class reader_state {
public:
  static inline const char* name = "waybill.reader";

  /// `waiting` counts the queries that were handed to this reader and are not answered; it is counted down here.
  /// `health` and `lane` may be null.
  reader_state(reader_actor::stateful_pointer<reader_state> self, std::unique_ptr<query_store> store,
               std::shared_ptr<std::atomic<std::size_t>> waiting, std::shared_ptr<connection_health> health = nullptr,
               milliseconds pause = {}, std::shared_ptr<reader_lane> lane = nullptr);

  reader_actor::behavior_type make_behavior();

private:
  template <class Query>
  auto run(const Query& query);
  void count_down();
  caf::telemetry::dbl_histogram& seconds_of(caf::type_id_t query);

  reader_actor::stateful_pointer<reader_state> self_;
  std::unique_ptr<query_store> store_;
  std::shared_ptr<std::atomic<std::size_t>> waiting_;
  std::shared_ptr<connection_health> health_;
  milliseconds pause_;
  std::shared_ptr<reader_lane> lane_;
  caf::telemetry::metric_family_impl<caf::telemetry::dbl_histogram>* seconds_;
  /// By the type of the query.
  std::unordered_map<caf::type_id_t, caf::telemetry::dbl_histogram*> seconds_by_query_;
};

/// Starts readers (at least one), each in a thread of its own, behind one handle. They end with send_exit to that
/// handle. `health` gets one entry for each, without those that only scan the log: points are read without them.
/// `supervise` gets those behind the handle.
reader_actor spawn_reader(caf::actor_system& sys, const std::function<std::unique_ptr<query_store>()>& open,
                          const reader_settings& settings,
                          std::vector<std::shared_ptr<connection_health>>* health = nullptr,
                          const supervise_actor& supervise = {});

} // namespace waybill
