#include "nodes/shutdown.hpp"

#include "nodes/log.hpp"

#include <csignal>
#include <pthread.h>
#include <unistd.h>

namespace waybill {

namespace {

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

/// How often the watchdog looks for a second signal.
constexpr std::chrono::milliseconds look_again{100};

} // namespace

void block_stop_signals() {
  const auto signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

void block_reload_signal() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

std::string wait_for_stop_signal(const std::function<void()>& reload) {
  auto signals = stop_signals();
  if (reload)
    sigaddset(&signals, SIGHUP);
  for (;;) {
    int number = 0;
    if (sigwait(&signals, &number) != 0)
      continue;
    if (number != SIGHUP)
      return number == SIGINT ? "SIGINT" : "SIGTERM";
    reload();
  }
}

void request_stop() {
  ::kill(::getpid(), SIGTERM);
}

shutdown_watchdog::shutdown_watchdog(std::chrono::milliseconds limit) : thread_([this, limit] { watch(limit); }) {}

shutdown_watchdog::~shutdown_watchdog() {
  {
    const std::lock_guard lock{mutex_};
    done_ = true;
  }
  changed_.notify_all();
}

void shutdown_watchdog::enter(std::string step) {
  const std::lock_guard lock{mutex_};
  step_ = std::move(step);
}

void shutdown_watchdog::watch(std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  const auto signals = stop_signals();
  std::unique_lock lock{mutex_};
  while (!changed_.wait_for(lock, look_again, [this] { return done_; })) {
    const timespec no_wait{};
    if (sigtimedwait(&signals, nullptr, &no_wait) > 0) {
      log_error("asked to stop a second time: ending at once, while stopping {}", step_);
      ::_exit(1);
    }
    if (std::chrono::steady_clock::now() >= deadline) {
      log_error("the orderly end took too long: {} still lives", step_);
      ::_exit(1);
    }
  }
}

} // namespace waybill
