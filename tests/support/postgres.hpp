#pragma once

#include <string>

#include <sys/types.h>

namespace waybill::test {

/// A PostgreSQL server of its own, in a temporary folder, on a free port of the loopback interface; with fsync. It ends
/// with this process, however that ends, and the folder goes with the object. Throws std::runtime_error when it cannot
/// start. Not thread-safe.
class test_postgres {
public:
  test_postgres();
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

  /// Cuts all connections to `database` (a URL of create_database), as pg_terminate_backend does. How many there were.
  int cut_connections(const std::string& database);

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

  std::string folder_;
  std::string binaries_;
  int port_ = 0;
  pid_t server_ = -1;
  /// Wakes the server when `lifeline_` is closed.
  pid_t waker_ = -1;
  int lifeline_ = -1;
  int databases_ = 0;
};

} // namespace waybill::test
