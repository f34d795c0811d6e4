#pragma once

#include <chrono>
#include <csignal>

namespace waybill::shell {

/// While it lives, Ctrl-C ends the command that runs instead of the shell. One at a time.
class interruptible {
public:
  interruptible();
  ~interruptible();
  interruptible(const interruptible&) = delete;
  interruptible& operator=(const interruptible&) = delete;

  /// Ctrl-C came.
  [[nodiscard]] bool was_interrupted() const noexcept;
  /// For so long, or until Ctrl-C.
  void pause(std::chrono::milliseconds limit) const;

private:
  struct sigaction before_ {};
};

} // namespace waybill::shell
