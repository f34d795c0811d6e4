#pragma once

#include "domain/base/time.hpp"

#include <chrono>

namespace waybill {

/// Cuts a connection off when a blocking call on it takes too long: libpq waits for an answer without any limit of its
/// own, and what the server promises (statement_timeout) is worth nothing when the server itself hangs. The call then
/// fails as if the server had gone. Made before the call, gone after it, and always before the socket is closed.
class call_limit {
public:
  /// `socket` is shut down in both directions once `limit` has passed, up to a quarter of a second later.
  call_limit(int socket, milliseconds limit);
  ~call_limit();
  call_limit(const call_limit&) = delete;
  call_limit& operator=(const call_limit&) = delete;

  /// Whether it came to that.
  [[nodiscard]] bool has_cut_off() const;

private:
  friend class call_watch;

  int socket_;
  std::chrono::steady_clock::time_point deadline_;
  bool cut_off_ = false;
};

} // namespace waybill
