#include "shell/run/interruption.hpp"

#include <algorithm>
#include <thread>

namespace waybill::shell {

namespace {

volatile std::sig_atomic_t interrupted = 0;

} // namespace

interruptible::interruptible() {
  interrupted = 0;
  struct sigaction action {};
  action.sa_handler = [](int) { interrupted = 1; };
  ::sigaction(SIGINT, &action, &before_);
}

interruptible::~interruptible() {
  ::sigaction(SIGINT, &before_, nullptr);
}

bool interruptible::was_interrupted() const noexcept {
  return interrupted != 0;
}

void interruptible::pause(std::chrono::milliseconds limit) const {
  constexpr std::chrono::milliseconds step{50};
  const auto until = std::chrono::steady_clock::now() + limit;
  while (!was_interrupted() && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(
      std::min<std::chrono::steady_clock::duration>(step, until - std::chrono::steady_clock::now()));
}

} // namespace waybill::shell
