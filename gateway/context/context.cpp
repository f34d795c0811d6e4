#include "gateway/context/context.hpp"

#include <algorithm>

namespace waybill::http {

namespace {

constexpr milliseconds first_pause{50};

} // namespace

context::context(caf::actor_system& sys, net::io_context& io, gateway_state& state)
  : system_(sys), state_(state), io_(io), bridge_(bridge::open(sys, io, state.services.supervise)) {}

context::~context() {
  close();
}

bool context::has_room(std::size_t octets) const noexcept {
  return state_.metrics.buffered.value() + static_cast<std::int64_t>(octets)
         <= static_cast<std::int64_t>(config().max_buffered);
}

bool context::has_room_for_subscriber() noexcept {
  if (metrics().subscribers.value() < static_cast<std::int64_t>(config().max_subscribers))
    return true;
  metrics().count(refusal::subscribers);
  return false;
}

milliseconds context::attempt_time(const request& req) const {
  const auto left = std::chrono::duration_cast<milliseconds>(req.deadline - clock::now());
  return std::clamp(left, milliseconds{1}, config().attempt_timeout);
}

task<bool> context::pause(const request& req, int attempt) {
  const auto length = first_pause * (1 << attempt);
  if (clock::now() + length >= req.deadline)
    co_return false;
  timer wait{io_, length};
  co_await wait.async_wait(use_task);
  co_return true;
}

} // namespace waybill::http
