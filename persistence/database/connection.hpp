#pragma once

#include "persistence/database/call_limit.hpp"
#include "persistence/database/sqlite_wal.hpp"
#include "persistence/database/store_config.hpp"
#include "persistence/log/log_watch.hpp"

#include <soci/soci.h>

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>

namespace waybill {

enum class dialect : std::uint8_t { sqlite, postgresql };

/// `migrate` has no time limit.
enum class access : std::uint8_t { read, write, migrate };

/// One connection to the database, and the one place where SOCI's exceptions become `ec`. Belongs to one thread at a
/// time.
class connection {
public:
  connection(store_config config, access purpose);

  /// Bounds all that is done on the connection while it lives: a server that does not answer by then counts as gone.
  /// One at a time. SQLite has time-outs of its own.
  class time_limit {
  public:
    explicit time_limit(connection& on) : on_(on) { on_.begin_call(); }
    ~time_limit() { on_.end_call(); }
    time_limit(const time_limit&) = delete;
    time_limit& operator=(const time_limit&) = delete;

  private:
    connection& on_;
  };

  [[nodiscard]] dialect kind() const noexcept { return kind_; }

  /// Connects if needed. Throws what SOCI throws.
  soci::session& session();

  [[nodiscard]] log_watch& watch() const noexcept { return *config_.watch; }

  /// The newest event that is durable and was written here: the next connection looks whether it is there.
  void remember(known_event written) { last_written_ = std::move(written); }

  /// Call it before the first statement: throws while fault injection keeps the database away (see outage.hpp).
  static void require_reachable();

  /// Prepared statements must be gone before. Does not wait for the server.
  void disconnect() noexcept;

  /// Begins a transaction that will write: SQLite takes the lock at once, so that nothing that is read changes before
  /// the end.
  void begin();
  void commit() {
    session().commit();
    wal_.keep_short();
  }
  /// False when the connection cannot be used any more.
  bool rollback() noexcept;

  /// What an exception out of a statement means; logs it for the operator.
  failure explain(const std::exception_ptr& problem);

  /// Whether the connection broke, or never was.
  [[nodiscard]] bool is_lost();

  /// Whether the call under way was ended by its time limit.
  [[nodiscard]] bool is_cut_off() const { return limit_ && limit_->has_cut_off(); }

private:
  void connect_sqlite();
  void connect_postgresql();
  void set_up_postgresql(soci::session& opened) const;
  void bound_statements(soci::session& opened) const;
  void begin_call();
  void end_call() noexcept;
  void arm();
  [[nodiscard]] int socket() const;
  [[nodiscard]] milliseconds call_time() const;

  store_config config_;
  access purpose_;
  dialect kind_;
  std::unique_ptr<soci::session> session_;
  std::optional<known_event> last_written_;
  sqlite_wal wal_;
  /// Of the call under way.
  std::optional<std::chrono::steady_clock::time_point> deadline_;
  /// Ends before the socket is closed.
  std::optional<call_limit> limit_;
  /// The loss was logged; a loss is logged again only after a connection that worked.
  bool loss_known_ = false;
};

/// Whether another writer was the cause (unique value taken, deadlock, serialization): a new round may succeed.
bool is_contention(const std::exception& problem);

/// Neither database has unsigned numbers.
inline long long signed_number(std::uint64_t number) {
  return static_cast<long long>(number);
}

/// Microseconds since 1970, as both databases store times. No time is written as NULL, and read as `no_time` by
/// `coalesce(column, -1)`.
inline constexpr long long no_time = -1;
inline long long to_number(timestamp time) {
  return time.time_since_epoch().count();
}
inline long long to_number(const std::optional<timestamp>& time) {
  return time ? to_number(*time) : no_time;
}
inline timestamp to_time(long long number) {
  return timestamp{std::chrono::microseconds{number}};
}
inline std::optional<timestamp> to_optional_time(long long number) {
  return number == no_time ? std::nullopt : std::optional{to_time(number)};
}

} // namespace waybill
