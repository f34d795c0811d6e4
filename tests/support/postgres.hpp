#pragma once

#include "tests/support/temp_folder.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

namespace waybill::test {

/// Where a server runs.
struct postgres_place {
  std::string address = "127.0.0.1";
  /// A descriptor; none: the namespace of this process.
  int network_namespace = -1;
  std::uint32_t max_connections = 100;
};

/// A PostgreSQL server of its own, in a temporary folder, on a free port; with fsync. The server and the folder end
/// with this process, even when it crashes. Throws std::runtime_error when the server cannot start. Not thread-safe.
class test_postgres {
public:
  explicit test_postgres(postgres_place place = {});
  ~test_postgres();
  test_postgres(const test_postgres&) = delete;
  test_postgres& operator=(const test_postgres&) = delete;

  /// Makes an empty database and returns its URL.
  std::string create_database();

  /// Shuts the server down as `pg_ctl stop -m fast` does: its clients are disconnected.
  void stop();
  /// Ends the server at once and saves nothing, as a crash does.
  void kill();
  /// Starts the server again, on the same port, and waits until it answers.
  void start();

  /// A base backup of the running server, in place of an earlier one.
  void save_backup();
  /// Ends the server, which starts again on the backup.
  void restore_backup();
  /// The server's log.
  [[nodiscard]] std::string log() const;

  /// Ends all sessions of a database but its own; returns how many.
  int terminate_sessions(const std::string& database_url);

  /// Stops all of the server's processes, as when a machine or a disk hangs, until thaw() or the end of this process,
  /// even when it crashes.
  void freeze();
  void thaw();

  /// The server that the tests of this executable share, started at the first call.
  static test_postgres& shared();

private:
  void end(int signal);
  [[nodiscard]] std::string url(const std::string& database) const;
  [[nodiscard]] bool answers() const;

  postgres_place place_;
  temp_folder folder_;
  std::string binaries_;
  int port_ = 0;
  pid_t server_ = -1;
  /// A process that wakes the server when `lifeline_` is closed.
  pid_t waker_ = -1;
  int lifeline_ = -1;
  int databases_ = 0;
};

} // namespace waybill::test
