#include "outbound/circuit_breaker.hpp"

#include <algorithm>

namespace waybill::outbound {

std::optional<circuit_breaker::ticket> circuit_breaker::admit(time_point now) {
  switch (state_) {
    case state::closed: return ticket{generation_};
    case state::half_open: return std::nullopt; // the probe is under way
    case state::open: break;
  }
  if (now < open_until_)
    return std::nullopt;
  enter(state::half_open);
  return ticket{generation_};
}

void circuit_breaker::succeeded(ticket call) {
  if (call.generation != generation_)
    return;
  failures_ = 0;
  if (state_ == state::half_open) {
    open_for_ = settings_.open_for;
    enter(state::closed);
  }
}

void circuit_breaker::failed(ticket call, time_point now) {
  if (call.generation != generation_)
    return;
  if (state_ == state::half_open) {
    open_for_ = std::min(open_for_ * 2, std::max(settings_.longest_open, settings_.open_for));
    open(now);
  } else if (++failures_ >= settings_.failures) {
    open(now);
  }
}

void circuit_breaker::abandoned(ticket call, time_point now) {
  // A probe that never went out: the next call is one.
  if (call.generation == generation_ && state_ == state::half_open) {
    enter(state::open);
    open_until_ = now;
  }
}

void circuit_breaker::open(time_point now) {
  enter(state::open);
  failures_ = 0;
  open_until_ = now + open_for_;
}

void circuit_breaker::enter(state next) {
  state_ = next;
  ++generation_;
}

} // namespace waybill::outbound
