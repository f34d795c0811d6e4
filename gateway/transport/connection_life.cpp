#include "domain/base/errors.hpp"
#include "gateway/transport/connection.hpp"
#include "gateway/transport/wire.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>

#include <spdlog/spdlog.h>

/// How connections begin and end.
namespace waybill::http {

session::session(worker& home, tcp_socket socket, entrance in)
  : home_(home), stream_(std::move(socket)), in_(std::move(in)) {
  home_.metrics().connections.fetch_add(1);
  if (in_.kind == listener_kind::operators)
    home_.parts().ops_connections.fetch_add(1);
  if (in_.refused)
    home_.parts().refusing.fetch_add(1);
}

session::~session() {
  home_.metrics().connections.fetch_sub(1);
  if (in_.kind == listener_kind::operators)
    home_.parts().ops_connections.fetch_sub(1);
  if (in_.refused)
    home_.parts().refusing.fetch_sub(1);
}

void session::start(worker& home, tcp_socket socket, entrance in) {
  auto one = std::make_shared<session>(home, std::move(socket), std::move(in));
  home.add(*one);
  auto ended = [one, &home](std::exception_ptr) {
    one->stream_.close();
    home.remove(*one);
  };
  net::co_spawn(home.io(), one->in_.refused ? one->refuse() : one->run(),
                net::bind_cancellation_slot(one->signal_.slot(), std::move(ended)));
}

void session::expire() {
  expired_ = true;
  expires_never();
  error_code ignored;
  stream_.socket().cancel(ignored);
}

void session::stop() {
  closing_ = true;
  if (on_stop_)
    on_stop_();
  else if (phase_ == phase::idle)
    stop_idle();
  else if (phase_ == phase::stream && writing_)
    expires_after(drain_time);
  else if (phase_ == phase::stream)
    signal_.emit(net::cancellation_type::terminal);
}

/// A client may send its next request just now. Whoever was idle for all of the drain delay most likely does not; one
/// who has only just connected does for sure.
void session::stop_idle() {
  error_code ignored;
  if (!used_)
    deadline_ = std::min(deadline_, clock::now() + first_request_time);
  else if (stream_.socket().available(ignored) == 0)
    stream_.socket().cancel(ignored);
}

task<void> session::refuse() {
  request req;
  req.request_id = take_request_id({});
  req.traceparent = take_traceparent({});
  auto why = to_problem({ec::overloaded, {}});
  if (in_.refused == refusal::address_connections)
    why = {429, "rate_limited", "this address has too many connections", {}, {{"Retry-After", "1"}}};
  const auto answer = to_response(why, req);
  co_await end_with(answer, req);
}

task<bool> session::shake_hands() {
  const auto context = in_.kind == listener_kind::clients ? home_.parts().tls.load() : nullptr;
  if (!context)
    co_return true;
  stream_.secure(*context);
  home_.begin_handshake(*this);
  expires_after(home_.config().handshake_timeout);
  error_code error;
  co_await stream_.async_handshake(net::redirect_error(use_task, error));
  expires_never();
  home_.end_handshake(*this);
  auto& metrics = home_.metrics();
  (error ? metrics.failed_handshakes : metrics.handshakes).fetch_add(1);
  if (error)
    spdlog::debug("no TLS with {}: {}", in_.peer.to_string(),
                  stream_.reason().empty() ? error.message() : stream_.reason());
  co_return !error;
}

} // namespace waybill::http
