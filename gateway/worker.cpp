#include "gateway/worker.hpp"

#include "gateway/session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>

namespace waybill::http {

namespace {

/// How exactly time-outs of connections are kept.
constexpr milliseconds resolution{100};
constexpr milliseconds first_pause{50};
/// So many connections too many are told so; even more are just closed.
constexpr std::int64_t most_refused = 256;

} // namespace

shared_parts::shared_parts(gateway_config options, gateway_services known)
  : config(std::move(options)), services(std::move(known)),
    requests({.most = config.max_in_flight, .target = config.target_latency}) {}

worker::worker(caf::actor_system& sys, shared_parts& parts)
  : parts_(parts), guard_(io_.get_executor()), way_(std::make_shared<bridge>(sys, io_)), tick_(io_) {}

worker::~worker() {
  close();
}

void worker::run() {
  net::co_spawn(io_, watch_deadlines(), net::detached);
  for (;;) {
    try {
      io_.run();
      return;
    } catch (const std::exception& error) {
      spdlog::error("a gateway thread goes on after a defect: {}", error.what());
    }
  }
}

void worker::adopt(net::ip::tcp::socket accepted) {
  const auto protocol = accepted.local_endpoint().protocol();
  const auto native = accepted.release();
  net::post(io_, [this, protocol, native] {
    tcp_socket socket{io_, protocol, native};
    if (stopping_)
      return;
    error_code ignored;
    socket.set_option(net::ip::tcp::no_delay{true}, ignored);
    const auto open = parts_.metrics.connections.load();
    const auto most = static_cast<std::int64_t>(config().max_connections);
    if (open >= most + most_refused)
      metrics().count(refusal::connections);
    else
      session::start(*this, std::move(socket), open >= most);
  });
}

void worker::stop() {
  net::post(io_, [this] {
    stopping_ = true;
    std::vector<std::shared_ptr<session>> all;
    for (auto* one : sessions_)
      all.push_back(one->shared_from_this());
    for (auto& one : all)
      one->stop();
    end_when_done();
  });
}

void worker::close() {
  way_->close();
}

void worker::add(session& one) {
  sessions_.insert(&one);
}

void worker::remove(session& one) {
  sessions_.erase(&one);
  end_when_done();
}

void worker::end_when_done() {
  if (!stopping_ || !sessions_.empty())
    return;
  tick_.cancel();
  guard_.reset();
}

bool worker::takes_subscriber() noexcept {
  if (metrics().subscribers < static_cast<std::int64_t>(config().max_subscribers))
    return true;
  metrics().count(refusal::subscribers);
  return false;
}

milliseconds worker::attempt_time(const request& req) const {
  const auto left = std::chrono::duration_cast<milliseconds>(req.deadline - clock::now());
  return std::clamp(left, milliseconds{1}, config().attempt_timeout);
}

task<bool> worker::pause(const request& req, int attempt) {
  const auto length = first_pause * (1 << attempt);
  if (clock::now() + length >= req.deadline)
    co_return false;
  timer wait{io_, length};
  co_await wait.async_wait(use_task);
  co_return true;
}

task<void> worker::watch_deadlines() {
  while (!stopping_ || !sessions_.empty()) {
    tick_.expires_after(resolution);
    error_code ignored;
    co_await tick_.async_wait(net::redirect_error(use_task, ignored));
    const auto now = clock::now();
    std::vector<std::shared_ptr<session>> late;
    for (auto* one : sessions_)
      if (one->is_late(now))
        late.push_back(one->shared_from_this());
    for (auto& one : late)
      one->expire();
  }
}

} // namespace waybill::http
