#include "gateway/transport/worker.hpp"

#include "domain/base/errors.hpp"
#include "gateway/transport/connection.hpp"

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
/// Operators and their tools are few.
constexpr std::int64_t most_operators = 64;

} // namespace

shared_parts::shared_parts(gateway_config options, gateway_services known)
  : config(std::move(options)), services(std::move(known)),
    requests({.most = config.max_in_flight, .target = config.target_latency}), rates(config.rates),
    places(config.max_connections_per_address), tls(services.tls) {
  // What cannot be read is refused by validate().
  if (!proxies.add(config.trusted_proxies))
    proxies = {};
}

worker::worker(caf::actor_system& sys, shared_parts& parts)
  : parts_(parts), guard_(io_.get_executor()), bridge_(std::make_shared<bridge>(sys, io_)), tick_(io_) {}

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

void worker::adopt(net::ip::tcp::socket accepted, listener_kind kind) {
  error_code gone;
  const auto peer = accepted.remote_endpoint(gone);
  if (gone)
    return;
  const auto protocol = peer.protocol();
  const auto native = accepted.release();
  net::post(io_, [this, protocol, native, from = plain(peer.address()), kind] {
    tcp_socket socket{io_, protocol, native};
    if (stopping_)
      return;
    error_code ignored;
    socket.set_option(net::ip::tcp::no_delay{true}, ignored);
    start_session(std::move(socket), from, kind);
  });
}

void worker::start_session(tcp_socket socket, const ip_address& peer, listener_kind kind) {
  entrance in{kind, peer, {}, {}};
  const auto refuse = [&](refusal why, std::int64_t most_told) {
    metrics().count(why);
    // To say so under TLS takes a handshake, which costs more than the request would have.
    if (parts_.refusing < most_told && !(kind == listener_kind::clients && parts_.tls.load()))
      in.refused = why;
    return in.refused.has_value();
  };
  if (kind == listener_kind::operators) {
    if (parts_.ops_connections >= most_operators)
      return metrics().count(refusal::connections);
    return session::start(*this, std::move(socket), std::move(in));
  }
  const auto open = parts_.metrics.connections.load();
  const auto most = static_cast<std::int64_t>(config().max_connections);
  const bool counted = kind != listener_kind::loopback && !parts_.proxies.contains(peer)
                       && (config().limit_loopback || !peer.is_loopback());
  if (open >= most) {
    if (!refuse(refusal::connections, most_refused))
      return;
  } else if (counted) {
    in.place.emplace(parts_.places, party_of(peer));
    if (!*in.place && !refuse(refusal::address_connections, most_refused / 4))
      return;
  }
  session::start(*this, std::move(socket), std::move(in));
}

void worker::begin_handshake(session& one) {
  handshakes_.push_back(&one);
  const auto most = std::max<std::size_t>(config().max_handshakes / config().threads, 1);
  if (handshakes_.size() <= most)
    return;
  metrics().count(refusal::handshakes);
  auto* oldest = handshakes_.front();
  handshakes_.pop_front();
  oldest->expire();
}

void worker::end_handshake(session& one) {
  handshakes_.remove(&one);
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
  bridge_->close();
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

bool worker::worth_repeating(ec code) noexcept {
  return code == ec::unavailable || code == ec::timed_out;
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
    bridge_->end_overdue(now);
    std::vector<std::shared_ptr<session>> late;
    for (auto* one : sessions_)
      if (one->is_late(now))
        late.push_back(one->shared_from_this());
    for (auto& one : late)
      one->expire();
  }
}

} // namespace waybill::http
