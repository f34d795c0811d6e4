#include "nodes/process/shutdown.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>

#define CAF_SUITE nodes.shutdown
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;

namespace {

constexpr int ended_in_order = 0;
constexpr int was_cut_short = 1;
constexpr int defect = 2;
constexpr std::chrono::minutes limit{2};

/// A process that has the stop signals blocked, as main() does, and gets SIGTERM from this one when it wants it.
class child {
public:
  explicit child(const std::function<void(const child&)>& run) {
    REQUIRE_EQ(::pipe(wishes_), 0);
    REQUIRE_EQ(::pipe(answers_), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::alarm(60);
      block_stop_signals();
      run(*this);
      ::_exit(ended_in_order);
    }
    ::close(wishes_[1]);
    for (char byte = 0; ::read(wishes_[0], &byte, 1) == 1;) {
      ::kill(pid_, SIGTERM);
      if (::write(answers_[1], &byte, 1) != 1)
        break;
    }
    for (const int file : {wishes_[0], answers_[0], answers_[1]})
      ::close(file);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    code_ = WIFEXITED(status) ? WEXITSTATUS(status) : defect;
  }

  /// In the child: returns when the signal is there, and waits to be taken.
  void want_signal() const {
    char byte = 's';
    if (::write(wishes_[1], &byte, 1) != 1 || ::read(answers_[0], &byte, 1) != 1)
      ::_exit(defect);
  }

  /// In the child.
  static void await_taken() {
    for (sigset_t waiting{}; ::sigpending(&waiting) == 0 && sigismember(&waiting, SIGTERM) == 1;)
      ::usleep(1'000);
  }

  int code() const { return code_; }

private:
  int wishes_[2] = {};
  int answers_[2] = {};
  pid_t pid_ = 0;
  int code_ = defect;
};

} // namespace

SCENARIO("who supervises a drained node may send SIGTERM while it ends") {
  const child node{[](const child& self) {
    request_stop();
    const auto first = wait_for_stop_signal();
    if (!first.own || first.name != "SIGTERM")
      ::_exit(defect);
    shutdown_watchdog watchdog{limit, first};
    self.want_signal();
    child::await_taken();
  }};
  CHECK_EQ(node.code(), ended_in_order);
}

SCENARIO("a second signal from outside ends a drained node at once") {
  const child node{[](const child& self) {
    request_stop();
    shutdown_watchdog watchdog{limit, wait_for_stop_signal()};
    self.want_signal();
    child::await_taken();
    self.want_signal();
    ::pause();
  }};
  CHECK_EQ(node.code(), was_cut_short);
}

SCENARIO("a second signal ends a node at once that was told to stop from outside") {
  const child node{[](const child& self) {
    self.want_signal();
    const auto first = wait_for_stop_signal();
    if (first.own)
      ::_exit(defect);
    shutdown_watchdog watchdog{limit, first};
    self.want_signal();
    ::pause();
  }};
  CHECK_EQ(node.code(), was_cut_short);
}
