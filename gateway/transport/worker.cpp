#include "gateway/transport/worker.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "gateway/limits/client_address.hpp"
#include "gateway/transport/connection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

#include <algorithm>
#include <vector>

namespace waybill::http {

namespace {

/// How exactly time-outs of connections are kept.
constexpr milliseconds resolution{100};
/// As many connections over the limit get an answer that says so; the others are closed.
constexpr std::int64_t max_refused_connections = 256;
/// Operators and their tools are few.
constexpr std::int64_t max_operator_connections = 64;

} // namespace

worker::worker(caf::actor_system& sys, transport_state& state)
  : state_(state), guard_(io_.get_executor()), context_(sys, io_, state.gateway), tick_(io_) {}

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
      log_error("a gateway thread continues after a defect: {}", error.what());
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
    start_connection(std::move(socket), from, kind);
  });
}

void worker::start_connection(tcp_socket socket, const ip_address& peer, listener_kind kind) {
  auto& metrics = context_.metrics();
  const auto& config = context_.config();
  accepted_connection accepted{kind, peer, {}, {}};
  const auto refuse = [&](refusal reason, std::int64_t most_told) {
    metrics.count(reason);
    // An answer under TLS takes a handshake, which costs more than the request would have.
    if (state_.refused_connections < most_told && !(kind == listener_kind::clients && state_.tls.load()))
      accepted.refused = reason;
    return accepted.refused.has_value();
  };
  if (kind == listener_kind::operators) {
    if (state_.operator_connections >= max_operator_connections)
      return metrics.count(refusal::connections);
    return connection::start(*this, std::move(socket), std::move(accepted));
  }
  const auto open = metrics.connections.value();
  const auto most = static_cast<std::int64_t>(config.max_connections);
  const bool counted_by_address =
    kind != listener_kind::loopback && !state_.proxies.contains(peer) && (config.limit_loopback || !peer.is_loopback());
  if (open >= most) {
    if (!refuse(refusal::connections, max_refused_connections))
      return;
  } else if (counted_by_address) {
    accepted.permit.emplace(state_.addresses, network_of(peer));
    if (!*accepted.permit && !refuse(refusal::address_connections, max_refused_connections / 4))
      return;
  }
  connection::start(*this, std::move(socket), std::move(accepted));
}

void worker::begin_handshake(connection& client) {
  handshakes_.push_back(&client);
  const auto& config = context_.config();
  const auto most = std::max<std::size_t>(config.max_handshakes / config.threads, 1);
  if (handshakes_.size() <= most)
    return;
  context_.metrics().count(refusal::handshakes);
  auto* oldest = handshakes_.front();
  handshakes_.pop_front();
  oldest->expire();
}

void worker::end_handshake(connection& client) {
  handshakes_.remove(&client);
}

void worker::stop() {
  net::post(io_, [this] {
    stopping_ = true;
    std::vector<std::shared_ptr<connection>> open;
    for (auto* client : connections_)
      open.push_back(client->shared_from_this());
    for (auto& client : open)
      client->stop();
    // None of them ends before it returns.
    for (auto* work : std::vector<guest*>{guests_.begin(), guests_.end()})
      work->stop();
    end_when_done();
  });
}

void worker::close() {
  context_.close();
}

void worker::add(connection& client) {
  connections_.insert(&client);
}

void worker::remove(connection& client) {
  connections_.erase(&client);
  end_when_done();
}

void worker::add(guest& work) {
  guests_.insert(&work);
  if (stopping_)
    work.stop();
}

void worker::remove(guest& work) {
  guests_.erase(&work);
  end_when_done();
}

void worker::end_when_done() {
  if (!is_done())
    return;
  tick_.cancel();
  guard_.reset();
}

task<void> worker::watch_deadlines() {
  while (!is_done()) {
    tick_.expires_after(resolution);
    error_code ignored;
    co_await tick_.async_wait(net::redirect_error(use_task, ignored));
    const auto now = clock::now();
    context_.end_overdue(now);
    context_.look_up_callers(now);
    std::vector<std::shared_ptr<connection>> late;
    for (auto* client : connections_) {
      client->end_if_abandoned(now);
      if (client->is_late(now))
        late.push_back(client->shared_from_this());
    }
    for (auto& client : late)
      client->expire();
  }
}

} // namespace waybill::http
