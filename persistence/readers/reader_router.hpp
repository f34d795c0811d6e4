#pragma once

#include "messages/actors.hpp"
#include "persistence/readers/reader_actor.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace waybill {

/// The router also takes the word of its readers that one of them has time.
using reader_router_actor = reader_actor::extend<caf::result<void>(caf::tick_atom)>;

/// Hands each query to the reader with the fewest queries under way, readers that just failed to reach the database
/// last; refuses it with ec::overloaded when too many wait. Scans of the event log have readers of their own: they may
/// be many and long, and never hold up the others. A reader gets a second query before the first is done, so that it
/// never idles; the others wait here, where they can be abandoned. Never blocks.
class reader_router_state {
public:
  static inline const char* name = "waybill.reader_router";

  struct worker {
    reader_actor handle;
    std::shared_ptr<std::atomic<std::size_t>> waiting;
    std::shared_ptr<connection_health> health;
  };

  /// The readers of one kind of query; what waits for them is shared with them.
  struct lane {
    std::vector<worker> workers;
    std::shared_ptr<reader_lane> shared;
  };

  /// `scans` may have no workers: then `points` answers everything.
  reader_router_state(reader_router_actor::stateful_pointer<reader_router_state> self, lane points, lane scans,
                      std::size_t max_waiting);
  reader_router_state(const reader_router_state&) = delete;
  reader_router_state& operator=(const reader_router_state&) = delete;
  /// The workers do not outlive it, should it meet a defect.
  ~reader_router_state();

  reader_router_actor::behavior_type make_behavior();

private:
  struct waiting_query {
    std::uint64_t sender = 0;
    std::uint64_t request = 0;
    std::function<void(const reader_actor&)> hand_over;
  };
  struct queued_lane {
    lane readers;
    std::deque<waiting_query> queue;
  };

  template <class Answer, class Query>
  caf::result<Answer> take(Query& query);

  template <class Query>
  queued_lane& lane_of(const Query& query);

  /// Null when all have enough to do.
  const worker* find_free(const lane& among) const;
  void hand_out(queued_lane& from);
  void abandon(const abandon_request& query);
  void end_next();

  reader_router_actor::stateful_pointer<reader_router_state> self_;
  std::array<queued_lane, 2> lanes_;
  std::vector<reader_actor> all_;
  std::size_t max_waiting_;
  /// How many workers have been told to end, and why.
  std::size_t ended_ = 0;
  caf::error reason_;
};

} // namespace waybill
