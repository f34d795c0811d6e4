#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace waybill {

/// Keeps SIGTERM and SIGINT from ending the process by themselves, in this thread and all that it starts from now on.
/// Call it in main before there are other threads. Ignores SIGPIPE.
void block_stop_signals();

struct stop_signal {
  /// `SIGTERM` or `SIGINT`.
  std::string name;
  /// Whether it was sent by request_stop().
  bool own = false;
};

/// Waits for SIGTERM or SIGINT. Until then calls `reload` on each SIGHUP, if there is one: such a process takes SIGHUP
/// for that only, from block_reload_signal() on.
stop_signal wait_for_stop_signal(const std::function<void()>& reload = {});

/// As block_stop_signals, for SIGHUP.
void block_reload_signal();

/// Asks this process to stop, from any thread, as SIGTERM does.
void request_stop();

/// Executes this program anew in this process, with the same arguments and environment, as if it had just been started;
/// to be called when everything has ended in order. Answers only when that is impossible, with the reason.
std::string execute_again();

/// Ends the process with exit code 1 when its orderly end takes too long, and says which step it hung in. A second
/// SIGTERM or SIGINT from outside ends it at once; a process that stops because it was drained has had none yet, and
/// whatever supervises it sends the first one then.
class shutdown_watchdog {
public:
  shutdown_watchdog(std::chrono::milliseconds limit, const stop_signal& first);
  ~shutdown_watchdog();
  shutdown_watchdog(const shutdown_watchdog&) = delete;
  shutdown_watchdog& operator=(const shutdown_watchdog&) = delete;

  /// What is being ended now.
  void enter(std::string step);

private:
  void watch(std::chrono::milliseconds limit, bool asked);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::string step_;
  bool done_ = false;
  std::jthread thread_;
};

} // namespace waybill
