#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "gateway/http/answer_text.hpp"
#include "gateway/transport/connection.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace waybill::http {

// How connections begin and end.

connection::connection(worker& owner, tcp_socket socket, accepted_connection accepted)
  : worker_(owner), ctx_(owner.context()), stream_(std::move(socket)), accepted_(std::move(accepted)) {
  ctx_.metrics().connections.inc();
  if (accepted_.kind == listener_kind::operators)
    worker_.state().operator_connections.fetch_add(1);
  if (accepted_.refused)
    worker_.state().refused_connections.fetch_add(1);
}

connection::~connection() {
  ctx_.metrics().connections.dec();
  if (accepted_.kind == listener_kind::operators)
    worker_.state().operator_connections.fetch_sub(1);
  if (accepted_.refused)
    worker_.state().refused_connections.fetch_sub(1);
}

void connection::start(worker& owner, tcp_socket socket, accepted_connection accepted) {
  auto made = std::make_shared<connection>(owner, std::move(socket), std::move(accepted));
  owner.add(*made);
  auto ended = [made, &owner](std::exception_ptr) {
    made->stream_.close();
    owner.remove(*made);
  };
  net::co_spawn(owner.io(), made->accepted_.refused ? made->refuse() : made->run(),
                net::bind_cancellation_slot(made->signal_.slot(), std::move(ended)));
}

void connection::expire() {
  expired_ = true;
  expires_never();
  error_code ignored;
  stream_.socket().cancel(ignored);
}

void connection::end_if_abandoned(clock::time_point now) {
  if (!reading_since_ || now - *reading_since_ < patience_with_the_gone || !client_has_gone())
    return;
  reading_since_.reset();
  abandoned_ = true;
  signal_.emit(net::cancellation_type::terminal);
}

/// Asks the kernel: reading would tell only after all that the client may have sent before.
bool connection::client_has_gone() {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(stream_.socket().native_handle(), IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
    return false;
  return info.tcpi_state != TCP_ESTABLISHED;
}

void connection::stop() {
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

/// A client may send its next request at this moment. One that was idle for all of the drain delay most likely does
/// not; one that has only just connected surely does.
void connection::stop_idle() {
  error_code ignored;
  if (!used_)
    deadline_ = std::min(deadline_, clock::now() + first_request_time);
  else if (stream_.socket().available(ignored) == 0)
    stream_.socket().cancel(ignored);
}

task<void> connection::refuse() {
  request req;
  req.request_id = take_request_id({});
  req.traceparent = take_traceparent({});
  auto error = to_problem({ec::overloaded, {}});
  if (accepted_.refused == refusal::address_connections)
    error = {429, "rate_limited", "this address has too many connections", {}, {{"Retry-After", "1"}}};
  const auto answer = to_response(error, req);
  co_await end_with(answer, req);
}

task<bool> connection::shake_hands() {
  const auto context = accepted_.kind == listener_kind::clients ? worker_.state().tls.load() : nullptr;
  if (!context)
    co_return true;
  stream_.secure(*context);
  worker_.begin_handshake(*this);
  expires_after(ctx_.config().handshake_timeout);
  error_code error;
  co_await stream_.async_handshake(net::redirect_error(use_task, error));
  expires_never();
  worker_.end_handshake(*this);
  auto& metrics = ctx_.metrics();
  (error ? metrics.failed_handshakes : metrics.handshakes).inc();
  if (error)
    log_debug("no TLS with {}: {}", accepted_.peer.to_string(),
              stream_.reason().empty() ? error.message() : stream_.reason());
  co_return !error;
}

} // namespace waybill::http
