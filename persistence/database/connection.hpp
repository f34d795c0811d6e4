#pragma once

#include "persistence/database/call_limit.hpp"
#include "persistence/database/sqlite/kept_statements.hpp"
#include "persistence/database/sqlite/sqlite_wal.hpp"
#include "persistence/database/store_config.hpp"
#include "persistence/log/log_watch.hpp"
#include "persistence/trouble/store_trouble.hpp"

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

  /// Connects if needed. Throws what SOCI throws, and store_unusable.
  soci::session& session();

  /// SQLite: statements that are prepared already. Taken after session().
  [[nodiscard]] kept_statements& kept() noexcept { return kept_; }

  [[nodiscard]] log_watch& watch() const noexcept { return *config_.watch; }

  /// The newest event that is durable and was written here: the next connection looks whether it is there.
  void remember(known_event written) {
    written.generation = watch().generation();
    last_written_ = std::move(written);
  }
  /// PostgreSQL: where the tables are, quoted; empty before they are made. Known after session().
  [[nodiscard]] const std::string& schema() const noexcept { return schema_; }

  /// Call it before the first statement: throws while fault injection keeps the database away (see outage.hpp).
  static void require_reachable();

  /// Prepared statements must be gone before. Does not wait for the server.
  void disconnect() noexcept;

  /// Throws when the database can be asked but could not be used: it takes no writes, or SQLite's file is not the one
  /// that was opened.
  void require_usable();

  /// SQLite: throws while there is hardly any room left on the disk: a small write may still succeed.
  void require_room();

  /// What was asked of the database was done: a loss that was logged is over.
  void note_success();

  /// Begins a transaction that will write: SQLite takes the lock at once, so that nothing that is read changes before
  /// the end. With PostgreSQL it writes to the tables of this connection whatever the session's search_path is.
  void begin();
  void commit() {
    session().commit();
    note_success();
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
  void set_up_postgresql(soci::session& opened);
  void find_schema(soci::session& opened);
  void bound_statements(soci::session& opened) const;
  void begin_call();
  void end_call() noexcept;
  void arm();
  [[nodiscard]] int socket() const;
  [[nodiscard]] milliseconds call_time() const;
  failure report(store_trouble trouble, const std::string& reason);

  store_config config_;
  access purpose_;
  dialect kind_;
  std::unique_ptr<soci::session> session_;
  kept_statements kept_;
  std::optional<known_event> last_written_;
  std::string schema_;
  sqlite_wal wal_;
  /// Of the call under way.
  std::optional<std::chrono::steady_clock::time_point> deadline_;
  /// Ends before the socket is closed.
  std::optional<call_limit> limit_;
  /// The loss was logged; a loss is logged again only after a connection that worked.
  bool loss_known_ = false;
};

/// What an exception out of a statement means. Without an error of the database in it: ours.
fault_class classify(const std::exception& problem);

/// Whether another session was in the way: a new round may succeed.
inline bool is_contention(const std::exception& problem) {
  return classify(problem).kind == fault_kind::try_again;
}

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
