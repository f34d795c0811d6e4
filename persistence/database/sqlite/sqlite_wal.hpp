#pragma once

#include <soci/soci.h>

namespace waybill {

/// How long a statement waits for SQLite's lock.
inline constexpr int sqlite_busy_timeout_ms = 5000;

/// The length in bytes to which a log that has grown longer is cut when it starts again: 16 MiB.
inline constexpr int sqlite_log_size = 16 << 20;

/// Keeps SQLite's write-ahead log short (https://sqlite.org/wal.html, section 6). SQLite's own checkpoints never start
/// the file again while somebody reads, and under load somebody always does: the file and its index in memory would
/// grow with every order. Belongs to the writing connection's thread.
class sqlite_wal {
public:
  /// Takes the checkpoints over from `session`, which must be of SQLite, and writes on: call it for each new session.
  void attach(soci::session& session);

  void detach() noexcept { session_ = nullptr; }

  /// Call it after a commit: moves a long log into the database, and has the next commit start at its front. What does
  /// not work, because readers hold on to the log or the disk is full, is logged and tried again when it is longer: the
  /// commits are safe in the log.
  void keep_short();

private:
  soci::session* session_ = nullptr;
  /// Of the log, after the last commit.
  int pages_ = 0;
  int next_attempt_ = 0;
};

} // namespace waybill
