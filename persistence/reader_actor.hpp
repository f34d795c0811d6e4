#pragma once

#include "messages/actors.hpp"
#include "persistence/store.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

namespace waybill {

/// Answers queries over one connection. Blocks.
class reader_state {
public:
  static inline const char* name = "waybill.reader";

  /// `waiting` counts the queries that were handed to this reader and are not answered; it is counted down here.
  reader_state(reader_actor::stateful_pointer<reader_state> self, std::unique_ptr<query_store> store,
               std::shared_ptr<std::atomic<std::size_t>> waiting);

  reader_actor::behavior_type make_behavior();

private:
  std::unique_ptr<query_store> store_;
  std::shared_ptr<std::atomic<std::size_t>> waiting_;
};

/// Hands each query to the reader with the fewest under way. Never blocks.
class reader_router_state {
public:
  static inline const char* name = "waybill.reader_router";

  struct worker {
    reader_actor handle;
    std::shared_ptr<std::atomic<std::size_t>> waiting;
  };

  reader_router_state(reader_actor::stateful_pointer<reader_router_state> self, std::vector<worker> workers);

  reader_actor::behavior_type make_behavior();

private:
  template <class Query>
  auto delegate(Query& query);

  reader_actor::stateful_pointer<reader_router_state> self_;
  void end_next();

  std::vector<worker> workers_;
  /// How many workers have been told to end, and why.
  std::size_t ended_ = 0;
  caf::error reason_;
};

/// Starts `connections` readers (at least one), each in a thread of its own, behind one handle. They end with send_exit
/// to that handle.
reader_actor spawn_reader(caf::actor_system& sys, const std::function<std::unique_ptr<query_store>()>& open,
                          std::size_t connections);

} // namespace waybill
