#pragma once

#include "messages/actors.hpp"
#include "messages/supervision.hpp"
#include "persistence/database/connection_health.hpp"
#include "persistence/store.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

namespace waybill {

struct reader_settings {
  /// Each with a connection and a thread.
  std::size_t connections = 1;
  /// Queries that wait for one connection; more are refused with ec::overloaded.
  std::size_t max_waiting = 10'000;
  /// After an attempt to reach the database failed, queries fail at once for this time: otherwise each query in the
  /// mailbox would wait for an attempt of its own.
  milliseconds pause{500};
};

/// Answers queries over one connection. Blocks, for no longer than the store's time-outs.
class reader_state {
public:
  static inline const char* name = "waybill.reader";

  /// `waiting` counts the queries that were handed to this reader and are not answered; it is counted down here.
  /// `health` may be null.
  reader_state(reader_actor::stateful_pointer<reader_state> self, std::unique_ptr<query_store> store,
               std::shared_ptr<std::atomic<std::size_t>> waiting, std::shared_ptr<connection_health> health = nullptr,
               milliseconds pause = {});

  reader_actor::behavior_type make_behavior();

private:
  template <class Query>
  auto run(const Query& query);

  reader_actor::stateful_pointer<reader_state> self_;
  std::unique_ptr<query_store> store_;
  std::shared_ptr<std::atomic<std::size_t>> waiting_;
  std::shared_ptr<connection_health> health_;
  milliseconds pause_;
};

/// Hands each query to the reader with the fewest queries under way, readers that just failed to reach the database
/// last; refuses it with ec::overloaded when too many wait. Never blocks.
class reader_router_state {
public:
  static inline const char* name = "waybill.reader_router";

  struct worker {
    reader_actor handle;
    std::shared_ptr<std::atomic<std::size_t>> waiting;
    std::shared_ptr<connection_health> health;
  };

  reader_router_state(reader_actor::stateful_pointer<reader_router_state> self, std::vector<worker> workers,
                      std::size_t max_waiting);
  reader_router_state(const reader_router_state&) = delete;
  reader_router_state& operator=(const reader_router_state&) = delete;
  /// The workers do not outlive it, should it meet a defect.
  ~reader_router_state();

  reader_actor::behavior_type make_behavior();

private:
  template <class Answer, class Query>
  caf::result<Answer> delegate(Query& query);

  void end_next();

  reader_actor::stateful_pointer<reader_router_state> self_;
  std::vector<worker> workers_;
  std::size_t max_waiting_;
  /// How many workers have been told to end, and why.
  std::size_t ended_ = 0;
  caf::error reason_;
};

/// Starts readers (at least one), each in a thread of its own, behind one handle. They end with send_exit to that
/// handle. `health` gets one entry for each; `supervise` gets those behind the handle.
reader_actor spawn_reader(caf::actor_system& sys, const std::function<std::unique_ptr<query_store>()>& open,
                          const reader_settings& settings,
                          std::vector<std::shared_ptr<connection_health>>* health = nullptr,
                          const supervise_actor& supervise = {});

} // namespace waybill
