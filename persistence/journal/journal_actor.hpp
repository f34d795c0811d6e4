#pragma once

#include "messages/actors.hpp"
#include "messages/journal/append_sequence.hpp"
#include "persistence/database/connection_health.hpp"
#include "persistence/journal/journal_room.hpp"
#include "persistence/journal/log_listeners.hpp"
#include "persistence/journal/metrics.hpp"
#include "persistence/store.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <deque>
#include <memory>
#include <vector>

namespace waybill {

struct journal_settings {
  /// Appends in one commit, at most.
  std::size_t max_batch = 512;
  /// Appends that wait for the database, and the octets of them; more are refused with ec::overloaded. An append of
  /// more octets than that could never be written: it is refused with ec::invalid_argument.
  std::size_t max_pending = 100'000;
  std::size_t max_pending_octets = 128U << 20U;
  /// The pause between two attempts to reach the database doubles from the first to the longest.
  milliseconds retry_first{50};
  milliseconds retry_longest{2'000};
  /// An append that waited so long for the database is answered with ec::unavailable.
  milliseconds give_up_after{30'000};
};

/// journal_actor and the messages that it sends to itself.
using journal_impl = journal_actor::extend<
  // Writes what has arrived.
  caf::result<void>(caf::flush_atom),
  // Tries again after the database was away.
  caf::result<void>(caf::tick_atom)>;

/// What others of the node share with a journal. Any of them may be null.
struct journal_links {
  std::shared_ptr<log_listeners> listeners = nullptr;
  std::shared_ptr<connection_health> health = nullptr;
  /// Every append has a place in it that gets to the journal. Null: nothing is bounded.
  std::shared_ptr<journal_room> room = nullptr;
  /// Of the appends; the node must have one journal only. Null: no append has an epoch.
  std::shared_ptr<append_sequence> sequence = nullptr;
};

/// Group commit: what arrives while a commit is under way goes into the next one.
class journal_state {
public:
  static inline const char* name = "waybill.journal";

  journal_state(journal_impl::stateful_pointer<journal_state> self, std::unique_ptr<journal_store> store,
                journal_settings settings, journal_links links);

  journal_impl::behavior_type make_behavior();

private:
  using answer = caf::typed_response_promise<appended>;
  using time_point = std::chrono::steady_clock::time_point;

  struct waiting {
    append request;
    answer promise;
    time_point since;
    std::size_t octets;
  };

  /// What else is known of an append in the batch.
  struct open_append {
    time_point since;
    std::size_t octets;
  };

  caf::result<appended> take(append& request);
  void flush();
  void retry();
  void end(const caf::error& reason);

  /// One commit of at most `max_batch` appends; false when the database is away.
  bool commit_batch();
  /// False while the database cannot be written.
  bool probe_if_failing();
  void fill_batch();
  void refuse_group(const append& refused);
  [[nodiscard]] bool is_void(const append& request) const;
  /// Ends the epoch if an append was refused that others build on.
  void end_epoch_if_refused(const std::vector<result<appended>>& outcomes);
  void end_epoch();
  void let_flow();
  void deliver(const std::vector<result<appended>>& outcomes);
  void schedule_flush();
  void schedule_retry();
  void give_up_on_the_oldest();
  /// Gives back the place of an append that is answered.
  void leave_room(std::size_t octets);
  void clear_batch();
  void refuse_all(const caf::error& reason);

  journal_impl::stateful_pointer<journal_state> self_;
  std::unique_ptr<journal_store> store_;
  journal_settings settings_;
  journal_links links_;
  journal_metrics metrics_;

  /// Not yet tried.
  std::deque<waiting> queue_;
  /// The appends of the commit under way, or of the one that failed last, as three lists side by side: the store takes
  /// a span of appends.
  std::vector<append> batch_;
  std::vector<answer> promises_;
  std::vector<open_append> open_;

  /// The latest append groups with a refused append; what follows of them is refused as well.
  std::deque<std::uint64_t> refused_groups_;

  bool flush_scheduled_ = false;
  bool database_away_ = false;
  milliseconds pause_{0};
};

/// The actor. Appends are counted before they are in its mailbox, which grows while a commit blocks the actor: the
/// sender is answered at once when there is no place.
class bounded_journal final : public journal_impl::stateful_impl<journal_state> {
public:
  bounded_journal(caf::actor_config& config, std::unique_ptr<journal_store> store, const journal_settings& settings,
                  const journal_links& links);

  bool enqueue(caf::mailbox_element_ptr message, caf::execution_unit* host) override;

private:
  journal_links links_;
  journal_metrics metrics_;
};

/// Starts a journal in a thread of its own, with a room of its own. It ends with send_exit: then it
/// writes what waits, unless the database is known to be away, and answers the rest with ec::shutting_down.
journal_actor spawn_journal(caf::actor_system& sys, std::unique_ptr<journal_store> store,
                            const journal_settings& settings, journal_links links);

/// The same behaviour in the thread pool, for tests with a store that does not block.
journal_actor spawn_undetached_journal(caf::actor_system& sys, std::unique_ptr<journal_store> store,
                                       const journal_settings& settings, journal_links links);

} // namespace waybill
