#pragma once

#include "tests/support/temp_folder.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace waybill::chaos {

/// Hosts in network namespaces of their own, joined by a bridge in the namespace of this process. None of it has a name
/// in the file system: when this process ends, however it does, the kernel takes all of it away.
/// Not thread-safe; for the main thread only. Everything throws std::runtime_error when it cannot be done.
class network {
public:
  /// Why this process cannot make one, or nothing.
  static std::optional<std::string> why_not();

  /// Moves the calling thread, and all threads it makes from now on, into an empty network namespace. Once, before
  /// there are other threads.
  static void leave_the_machine();

  network();
  ~network();
  network(const network&) = delete;
  network& operator=(const network&) = delete;

  /// Adds a host and returns its address.
  std::string add(const std::string& host);

  /// A descriptor of the host's namespace.
  [[nodiscard]] int namespace_of(const std::string& host) const;

  /// Packets from one to the other vanish from now on, as in a network that fails: the sender is not told.
  void cut(const std::string& from, const std::string& to);
  void mend(const std::string& from, const std::string& to);

  /// Pulls the host's cable out, or puts it back.
  void pull(const std::string& host);
  void plug(const std::string& host);

private:
  struct place {
    std::string address;
    std::string port;
    int network_namespace = -1;
  };

  [[nodiscard]] const place& at(const std::string& host) const;
  /// Runs a batch of `ip` commands, in the namespace of this process when `inside` is negative.
  void run(int inside, const std::vector<std::string>& lines) const;

  test::temp_folder folder_;
  std::string bridge_;
  std::map<std::string, place> places_;
};

} // namespace waybill::chaos
