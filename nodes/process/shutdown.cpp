#include "nodes/process/shutdown.hpp"

#include "domain/base/log.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <linux/close_range.h>
#include <pthread.h>
#include <unistd.h>
#include <vector>

namespace waybill {

namespace {

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

bool is_own(const siginfo_t& signal) {
  return signal.si_code == SI_USER && signal.si_pid == ::getpid();
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

stop_signal wait_for_stop_signal(const std::function<void()>& reload) {
  auto signals = stop_signals();
  if (reload)
    sigaddset(&signals, SIGHUP);
  for (;;) {
    siginfo_t received{};
    const auto number = sigwaitinfo(&signals, &received);
    if (number < 0)
      continue;
    if (number != SIGHUP)
      return {number == SIGINT ? "SIGINT" : "SIGTERM", is_own(received)};
    reload();
  }
}

void request_stop() {
  ::kill(::getpid(), SIGTERM);
}

std::string execute_again() {
  constexpr const char* self = "/proc/self/exe";
  std::ifstream file{"/proc/self/cmdline", std::ios::binary};
  std::string line{std::istreambuf_iterator<char>{file}, {}};
  std::vector<char*> words;
  for (auto at = line.begin(); at != line.end(); at = std::find(at, line.end(), '\0') + 1)
    words.push_back(&*at);
  words.push_back(nullptr);
  if (words.front() == nullptr)
    return "its command line cannot be read";
  // The program at the path, which may be a newer one by now; the one that runs when there is none.
  std::error_code absent;
  auto path = std::filesystem::read_symlink(self, absent);
  if (absent || !std::filesystem::exists(path, absent))
    path = self;
  // What was left open, such as a listening socket, must not stay open in the next life.
  ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  ::execve(path.c_str(), words.data(), environ);
  return std::strerror(errno);
}

shutdown_watchdog::shutdown_watchdog(std::chrono::milliseconds limit, const stop_signal& first)
  : thread_([this, limit, asked = !first.own] { watch(limit, asked); }) {}

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

void shutdown_watchdog::watch(std::chrono::milliseconds limit, bool asked) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  const auto signals = stop_signals();
  std::unique_lock lock{mutex_};
  while (!changed_.wait_for(lock, look_again, [this] { return done_; })) {
    const timespec no_wait{};
    siginfo_t received{};
    if (sigtimedwait(&signals, &received, &no_wait) > 0 && !is_own(received)) {
      if (asked) {
        log_error("asked to stop a second time: ending at once, while stopping {}", step_);
        ::_exit(1);
      }
      asked = true;
    }
    if (std::chrono::steady_clock::now() >= deadline) {
      log_error("the orderly shutdown took too long: {} still runs", step_);
      ::_exit(1);
    }
  }
}

} // namespace waybill
