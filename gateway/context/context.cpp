#include "gateway/context/context.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <utility>

namespace waybill::http {

namespace {

constexpr milliseconds first_pause{50};
/// Streams end so long after the loss of a right, at the latest, however long keys are remembered.
constexpr milliseconds longest_key_memory{10'000};

} // namespace

context::context(caf::actor_system& sys, net::io_context& io, gateway_state& state)
  : system_(sys), state_(state), io_(io), bridge_(bridge::open(sys, io, state.services.supervise)),
    callers_(std::min(config().key_memory, longest_key_memory) / 2) {}

context::~context() {
  close();
}

bool context::has_room(std::size_t octets) const noexcept {
  return state_.metrics.buffered.value() + static_cast<std::int64_t>(octets)
         <= static_cast<std::int64_t>(config().max_buffered);
}

subscriber_permit context::admit_subscriber() noexcept {
  subscriber_permit permit{state_.subscribers};
  if (!permit)
    metrics().count(refusal::subscribers);
  return permit;
}

void context::look_up_callers(clock::time_point time) {
  if (looking_up_ || callers_.size() == 0)
    return;
  auto ids = callers_.take_due(time);
  if (ids.empty())
    return;
  looking_up_ = true;
  net::co_spawn(io_, ask_for_callers(std::move(ids)), net::detached);
}

task<void> context::ask_for_callers(std::vector<std::string> ids) {
  while (!ids.empty()) {
    const find_callers question{ids};
    const auto answer = co_await ask_for<found_callers>(services().reader, question);
    if (!answer) {
      callers_.fail(ids, clock::now());
      break;
    }
    callers_.tell(ids, *answer);
    ids = callers_.take_due(clock::now());
  }
  looking_up_ = false;
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
