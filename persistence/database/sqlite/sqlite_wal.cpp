#include "persistence/database/sqlite/sqlite_wal.hpp"

#include "domain/base/log.hpp"

#include <soci/sqlite3/soci-sqlite3.h>

namespace waybill {

// SOCI includes SQLite's header in this namespace.
using namespace sqlite_api;

namespace {

/// In SQLite's usual pages. Less means more often, more means a longer pause each time.
constexpr int long_log = sqlite_log_size / 4096;
/// Readers are not waited for longer than that, unless the log has grown too long: then commits have to wait.
constexpr int patience_ms = 20;
constexpr int too_long_log = 3 * long_log;
constexpr int last_patience_ms = 1000;

sqlite3* handle_of(soci::session& session) {
  return static_cast<soci::sqlite3_session_backend*>(session.get_backend())->conn_;
}

} // namespace

void sqlite_wal::attach(soci::session& session) {
  session_ = &session;
  pages_ = 0;
  next_attempt_ = long_log;
  // Takes the place of SQLite's own hook, which makes the automatic checkpoints.
  sqlite3_wal_hook(
    handle_of(session),
    [](void* self, sqlite3*, const char*, int pages) {
      static_cast<sqlite_wal*>(self)->pages_ = pages;
      return SQLITE_OK;
    },
    this);
}

void sqlite_wal::keep_short() {
  if (session_ == nullptr || pages_ < next_attempt_)
    return;
  auto* handle = handle_of(*session_);
  sqlite3_busy_timeout(handle, pages_ < too_long_log ? patience_ms : last_patience_ms);
  const auto code = sqlite3_wal_checkpoint_v2(handle, nullptr, SQLITE_CHECKPOINT_RESTART, nullptr, nullptr);
  sqlite3_busy_timeout(handle, sqlite_busy_timeout_ms);
  if (code != SQLITE_OK && code != SQLITE_BUSY)
    log_warning("SQLite's log of {} pages could not be moved into the database, trying again later: {}", pages_,
                sqlite3_errmsg(handle));
  next_attempt_ = code == SQLITE_OK ? long_log : pages_ + long_log / 4;
}

} // namespace waybill
