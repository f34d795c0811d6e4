#pragma once

#include "domain/base/time.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace waybill::outbound {

struct breaker_settings {
  /// Failures in a row that open it.
  std::uint32_t failures = 5;
  /// How long it stays open at first; doubled each time the probe fails.
  milliseconds open_for{1'000};
  milliseconds longest_open{30'000};
};

/// Stops calls to a server that fails, and tries it again with one call at a time (Nygard, "Release It!": circuit
/// breaker). Closed: all calls are made. Open: none, until the time is over. Half-open: one probe; when it succeeds
/// the breaker closes, when it fails it opens for longer. A pure state machine: the caller brings the time. Not
/// thread-safe.
class circuit_breaker {
public:
  using time_point = std::chrono::steady_clock::time_point;
  enum class state : std::uint8_t { closed, open, half_open };

  /// An admitted call, to be given back with its outcome. The outcome is ignored when the breaker has changed its state
  /// since.
  struct ticket {
    std::uint64_t generation = 0;
  };

  explicit circuit_breaker(const breaker_settings& settings) : settings_(settings), open_for_(settings.open_for) {}

  /// Empty when the call must not be made.
  std::optional<ticket> admit(time_point now);
  void succeeded(ticket call);
  void failed(ticket call, time_point now);
  /// The call was not made after all: it has no outcome.
  void abandoned(ticket call, time_point now);

  [[nodiscard]] state current() const noexcept { return state_; }

private:
  void open(time_point now);
  void enter(state next);

  breaker_settings settings_;
  state state_ = state::closed;
  std::uint64_t generation_ = 0;
  std::uint32_t failures_ = 0;
  milliseconds open_for_;
  time_point open_until_;
};

} // namespace waybill::outbound
