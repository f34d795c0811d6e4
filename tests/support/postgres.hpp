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

/// A PostgreSQL server of its own, in a temporary folder, on a free port; with fsync. It ends with this process,
/// however that ends, and so does the folder. Throws std::runtime_error when it cannot start. Not thread-safe.
class test_postgres {
public:
  explicit test_postgres(postgres_place place = {});
  ~test_postgres();
  test_postgres(const test_postgres&) = delete;
  test_postgres& operator=(const test_postgres&) = delete;

  /// Makes an empty database and returns its URL.
  std::string create_database();

  /// Ends the server in good order (its clients are disconnected), as `pg_ctl stop -m fast`.
  void stop();
  /// Ends it at once, without saving anything, as a crash.
  void kill();
  /// Starts it again, on the same port, and waits until it answers.
  void start();

  /// Ends all sessions of a database but the one that does it: how many.
  int terminate_sessions(const std::string& database_url);

  /// Makes all of the server's processes stand still, as a machine or a disk that hangs, until thaw(), or until this
  /// process ends, however that happens.
  void freeze();
  void thaw();

  /// The one server of this executable, started when it is first asked for.
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
  /// Wakes the server when `lifeline_` is closed.
  pid_t waker_ = -1;
  int lifeline_ = -1;
  int databases_ = 0;
};

} // namespace waybill::test
