#pragma once

#include "domain/base/time.hpp"

#include <chrono>

namespace waybill {

/// Cuts a connection off when a blocking call on it takes too long: libpq waits for an answer without a limit, and the
/// server's own limit (statement_timeout) does nothing when the server itself hangs. The call then fails as if the
/// server had gone. Make it before the call; destroy it after the call and before the socket is closed.
class call_limit {
public:
  /// `socket` is shut down in both directions once `limit` has passed, up to a quarter of a second later.
  call_limit(int socket, milliseconds limit);
  ~call_limit();
  call_limit(const call_limit&) = delete;
  call_limit& operator=(const call_limit&) = delete;

  /// Whether the connection was cut off.
  [[nodiscard]] bool has_cut_off() const;

private:
  friend class call_watch;

  int socket_;
  std::chrono::steady_clock::time_point deadline_;
  bool cut_off_ = false;
};

} // namespace waybill
