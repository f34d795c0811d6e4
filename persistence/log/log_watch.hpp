#pragma once

#include "domain/base/time.hpp"

#include <soci/soci.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace waybill {

/// An event that this process knows to be durable; the first of its row.
struct known_event {
  std::string stream;
  std::uint64_t version = 0;
  timestamp at;
  /// Of the log that it was written to.
  std::uint64_t generation = 0;
};

/// What keeps readers from the end of the log.
struct log_delay {
  /// The age of the oldest event that readers may not pass yet; zero when there is none.
  milliseconds oldest_unread{0};
  /// For how long the oldest transaction of the server has been open, when that is remarkable.
  milliseconds oldest_transaction{0};
  /// Whose it is, in a sentence.
  std::string culprit;
};

struct log_identity;

/// What all connections of a process know together of the log in one database: whether it is still the log that they
/// knew, and whether a transaction keeps readers from its end. Thread-safe.
///
/// A log is replaced when a backup is restored, or when another server takes over that lacks the last commits. Each new
/// connection compares: the generation in the database, the server's identity (system identifier and timeline), the end
/// of its write-ahead log, which never moves back by itself, and the last event that the connection wrote. Whoever
/// finds a difference first begins a new generation in the database; all others find that (docs/adr/0017).
class log_watch {
public:
  /// `reason` is for people.
  using on_replaced = std::function<void(std::uint64_t generation, const std::string& reason)>;

  /// Call it on each new connection to PostgreSQL before its first statement. Throws what SOCI throws.
  void meet(soci::session& session, const std::optional<known_event>& last_written = {});

  /// Notes the generation that the database has, as a statement read it in passing, and the end of its write-ahead log
  /// (zero: not known).
  void note(std::uint64_t generation, std::uint64_t written_to = 0);

  /// Zero for a log that was never replaced.
  [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }

  /// How often this process has found the log replaced.
  [[nodiscard]] std::uint64_t replacements() const noexcept { return replacements_; }

  /// `callback` runs on the thread of the connection that found the new generation, for each from now on.
  void subscribe(on_replaced callback);
  void unsubscribe();

  // -- transactions that hold readers up ------------------------------------------------------------------------------

  /// Notes the number of the oldest transaction of the server that is under way, and one above the highest number that
  /// has ended: both are the same when it keeps nobody from anything.
  void note_oldest(std::uint64_t transaction, std::uint64_t next);
  /// The oldest transaction has been the same for so long that it is none of ours, or events behind it were read
  /// already. Then the end of what can be read is to be looked up (find_settled_end).
  [[nodiscard]] bool is_held_up() const;
  /// Everything below `transaction` is settled. `settled` is the highest that was noted for this log.
  void note_settled(std::uint64_t transaction);
  [[nodiscard]] std::uint64_t settled() const;
  /// For how long the oldest transaction has been the same.
  [[nodiscard]] milliseconds held_up_for() const;

  /// What the last look at the server found.
  void note_delay(log_delay seen);
  [[nodiscard]] log_delay delay() const;

private:
  using clock = std::chrono::steady_clock;

  /// What this process knew of the log at one moment.
  struct known_log {
    bool is_known = false;
    std::uint64_t generation = 0;
    std::uint64_t written_to = 0;
  };

  [[nodiscard]] static std::string find_difference(soci::session& session, const known_log& before,
                                                   const log_identity& now,
                                                   const std::optional<known_event>& last_written);
  void replace(std::uint64_t generation, const std::string& reason);

  /// Never held while the database is asked.
  mutable std::mutex mutex_;
  bool known_ = false;
  std::atomic<std::uint64_t> generation_ = 0;
  std::atomic<std::uint64_t> replacements_ = 0;
  /// The end of the write-ahead log: what was durable when this process looked last.
  std::uint64_t written_to_ = 0;
  on_replaced callback_;

  std::uint64_t oldest_ = 0;
  clock::time_point oldest_since_;
  std::uint64_t settled_ = 0;
  log_delay delay_;
};

/// Begins a new generation of the log: all cursors that clients have are refused from then on. For what restores a
/// database (SQLite and PostgreSQL), after the restore and before a node serves. Throws what SOCI throws.
void begin_log_generation(soci::session& session);

/// Compares a database that is about to be used with the server that it is on (PostgreSQL), and begins a new generation
/// when it comes from another one. Within the caller's transaction. Throws what SOCI throws.
void adopt_log(soci::session& session);

} // namespace waybill
