#pragma once

#include "persistence/sqlite_wal.hpp"
#include "persistence/store.hpp"

#include <soci/soci.h>

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>

namespace waybill {

enum class dialect : std::uint8_t { sqlite, postgresql };

enum class access : std::uint8_t { read, write };

/// One connection to the database, and the one place where SOCI's exceptions become `ec`. Belongs to one thread at a
/// time.
class connection {
public:
  connection(store_config config, access purpose);

  [[nodiscard]] dialect kind() const noexcept { return kind_; }

  /// Connects if needed. Throws what SOCI throws.
  soci::session& session();

  /// Prepared statements must be gone by then.
  void disconnect() noexcept {
    wal_.detach();
    session_.reset();
  }

  /// Begins a transaction that will write: SQLite takes the lock at once, so that what is read stays true.
  void begin();
  void commit() {
    session().commit();
    wal_.keep_short();
  }
  /// False when the connection is of no use any more.
  bool rollback() noexcept;

  /// What an exception out of a statement means; logs it for the operator.
  failure explain(const std::exception_ptr& problem);

  /// Whether the connection broke, or never was.
  [[nodiscard]] bool is_lost();

private:
  void connect_sqlite();
  void connect_postgresql();

  store_config config_;
  access purpose_;
  dialect kind_;
  std::unique_ptr<soci::session> session_;
  sqlite_wal wal_;
  /// The loss was logged; the next one is only after a connection that worked.
  bool loss_known_ = false;
};

/// Whether another writer was in the way (unique value taken, deadlock, serialization): a new round may succeed.
bool is_contention(const std::exception& problem);

/// Microseconds since 1970, as both databases store times. What is absent is stored as NULL by `nullif(x, no_time)`.
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
