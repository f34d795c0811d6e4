#include "gateway/transport/connection.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "gateway/context/request_span.hpp"
#include "gateway/http/answer_text.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/http/text.hpp"
#include "gateway/limits/client_address.hpp"
#include "gateway/routes/serving.hpp"
#include "gateway/streams/streams.hpp"
#include "gateway/streams/websocket_handshake.hpp"
#include "gateway/transport/websocket_transport.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>

#include <array>

namespace waybill::http {

namespace {

constexpr std::size_t read_size = 16 * 1024;
constexpr std::size_t max_drained = 1024 * 1024;

// Note for all coroutines here: g++ 12 destroys some temporaries of a co_await expression twice, aggregates made in
// braces above all. So arguments of awaited functions are named values.

} // namespace

task<void> connection::write(std::string_view text) {
  std::optional<counted> waiting;
  if (text.size() >= counted_octets)
    waiting.emplace(ctx_.metrics().buffered, static_cast<std::int64_t>(text.size()));
  expires_after(ctx_.config().write_timeout);
  writing_ = true;
  co_await net::async_write(stream_, net::buffer(text.data(), text.size()), use_task);
  writing_ = false;
  expires_never();
}

task<std::size_t> connection::read_some() {
  error_code error;
  const auto n = co_await stream_.async_read_some(buffer_.prepare(read_size), net::redirect_error(use_task, error));
  buffer_.commit(n);
  if (error)
    throw boost::system::system_error{error};
  co_return n;
}

task<void> connection::read_to_end() {
  std::array<char, 512> dropped{};
  error_code error;
  while (!error)
    co_await stream_.async_read_some(net::buffer(dropped), net::redirect_error(use_task, error));
}

task<void> connection::run() {
  try {
    bool more = co_await shake_hands();
    while (more)
      more = co_await serve_request();
  } catch (const boost::system::system_error& error) {
    log_debug("connection ended: {}", error.what());
  } catch (const std::exception& error) {
    log_error("connection ended by a defect: {}", error.what());
  }
}

task<void> connection::read_request(parser& in) {
  in.header_limit(static_cast<std::uint32_t>(ctx_.config().header_limit));
  in.body_limit(ctx_.config().body_limit);
  expires_after(closing_ ? first_request_time : ctx_.config().idle_timeout);
  bool head_checked = false;
  // The parser adds the trailers of a chunked body to the fields of the head. They are dropped: a trailer must not be
  // taken for a header field (RFC 9110, section 6.5.1).
  std::optional<request_head> head;
  bool begun = buffer_.size() > 0;
  co_await skip_empty_line();
  while (!in.is_done()) {
    if (!begun && buffer_.size() == 0)
      co_await await_request();
    const auto least = head_checked && in.chunked() ? least_of_chunks : 1;
    while (buffer_.size() < least)
      co_await read_some();
    if (!begun)
      expires_after(ctx_.config().header_timeout);
    begun = used_ = true;
    phase_ = phase::busy;
    error_code error;
    const auto used = in.put(buffer_.data(), error);
    buffer_.consume(used);
    if (error == beast_http::error::need_more) {
      error = {};
      // The parser bounds heads and bodies, but not the octets around the chunks of a body.
      if (buffer_.size() > ctx_.config().header_limit)
        error = beast_http::error::buffer_overflow;
      else if (buffer_.size() > 0)
        co_await read_some();
    }
    if (error)
      throw boost::system::system_error{error};
    if (in.is_header_done() && !head_checked) {
      head_checked = true;
      co_await check_head(in);
      in.eager(true);
      if (in.chunked())
        head = in.get().base();
    }
  }
  if (head)
    in.get().base() = std::move(*head);
  expires_never();
}

task<void> connection::skip_empty_line() {
  if (buffer_.size() == 0)
    co_await await_request();
  const auto front = [this](std::size_t i) { return static_cast<const char*>(buffer_.data().data())[i]; };
  if (front(0) != '\r')
    co_return;
  while (buffer_.size() < 2)
    co_await read_some();
  if (front(1) == '\n')
    buffer_.consume(2);
}

// A request may have come just when stop_idle() ended the wait: it is served.
task<void> connection::await_request() {
  for (;;) {
    error_code error;
    const auto n = co_await stream_.async_read_some(buffer_.prepare(read_size), net::redirect_error(use_task, error));
    buffer_.commit(n);
    if (!error)
      co_return;
    error_code ignored;
    if (error != net::error::operation_aborted || expired_ || stream_.socket().available(ignored) == 0)
      throw boost::system::system_error{error};
  }
}

task<void> connection::check_head(parser& in) {
  const auto& head = in.get();
  check_request_head(head, ctx_.config());
  if (in.is_done())
    co_return;
  check_body(in);
  expires_after(ctx_.config().body_timeout);
  if (awaits_continue(head))
    co_await ask_for_body(head);
}

request connection::to_request(const http_message& message) const {
  request req;
  read_head(message, req);
  req.body = message.body();
  req.deadline = clock::now() + ctx_.config().request_timeout;
  req.request_id = take_request_id(req.header(field::x_request_id));
  begin_trace(req, ctx_.services().tracer.get());
  req.secure = stream_.is_secure();
  const auto kind = ctx_.config().forwarded_by;
  req.client = client_address(accepted_.peer, req.header(header_of(kind)), kind, worker_.state().proxies);
  return req;
}

task<bool> connection::serve_request() {
  phase_ = phase::idle;
  if (closing_ && used_)
    co_return false;
  parser in;
  std::optional<problem> broken;
  body_.reset();
  charge_.reset();
  admitted_.reset();
  try {
    co_await read_request(in);
  } catch (const problem& error) {
    broken = error;
  } catch (const boost::system::system_error& error) {
    const bool silent = error.code() == net::error::eof || error.code() == net::error::connection_reset
                        || (phase_ == phase::idle) || (error.code() == net::error::operation_aborted && !expired_);
    if (silent)
      co_return false;
    broken = unreadable(error.code());
  }
  phase_ = phase::busy;
  auto req = to_request(in.get());
  if (broken) {
    const auto answer = to_response(*broken, req);
    co_await end_with(answer, req);
    co_return false;
  }
  const auto began = clock::now();
  begin_charge(req);
  match route;
  auto result = co_await answer(route, req, in);
  reading_since_.reset();
  if (!result || abandoned_)
    co_return false;
  if (charge_ && charge_->tightest().which != rate_class::none) {
    result->set("RateLimit-Policy", ctx_.state().rates.policy(charge_->tightest().which));
    result->set("RateLimit", rate_limits::state(charge_->tightest()));
  }
  record(ctx_, route, req, result->status, clock::now() - began);
  answer_form form;
  form.http_1_0 = in.get().version() < 11;
  form.keep_alive = in.get().keep_alive() && !closing_ && !ctx_.draining();
  form.head_only = req.method == verb::head;
  const auto octets = to_text(*result, req, form, ctx_.config());
  co_await write(octets);
  // A client that did not ask for the end may have sent more.
  if (!form.keep_alive && in.get().keep_alive())
    co_await linger();
  co_return form.keep_alive;
}

task<std::optional<response>> connection::answer(match& route, request& req, const parser& in) {
  try {
    co_return co_await respond(route, req, in);
  } catch (const problem& error) {
    if (phase_ == phase::stream)
      co_return std::nullopt;
    co_return to_response(error, req);
  } catch (const std::exception& error) {
    if (phase_ == phase::stream || abandoned_)
      co_return std::nullopt;
    log_error("request {} failed by a defect: {}", req.request_id, error.what());
    co_return to_response(to_problem({ec::internal, {}}), req);
  }
}

task<std::optional<response>> connection::respond(match& route, request& req, const parser& in) {
  const auto& message = in.get();
  const bool admitted_before = admitted_.has_value();
  if (admitted_before) {
    const auto target = message.target();
    read_target({target.data(), target.size()}, req);
    route = find_route(req, accepted_.kind == listener_kind::operators, ctx_.config());
    req.caller = *admitted_;
  } else {
    auto answered = co_await admit(route, req, message);
    if (answered)
      co_return answered;
  }
  co_return co_await handle(*route.entry, req, message);
}

task<std::optional<response>> connection::handle(const route& entry, request& req, const http_message& message) {
  const std::shared_ptr<stream_connection> self = shared_from_this();
  if (entry.kind == route_kind::events && req.method == verb::get) {
    co_await serve_events(self, ctx_, req);
    co_return std::nullopt;
  }
  if (entry.kind == route_kind::websocket && req.method == verb::get) {
    if (accepted_.kind == listener_kind::clients || accepted_.kind == listener_kind::loopback)
      req.rate_key = rate_key(req, accepted_.peer, ctx_.config());
    auto socket = open_websocket(stream_, message, ctx_.config().idle_timeout);
    co_await serve_websocket(self, ctx_, req, std::move(socket));
    co_return std::nullopt;
  }
  // HEAD of a stream has no end either; a WebSocket is for GET.
  if (entry.kind == route_kind::events)
    co_return co_await describe_events(ctx_, req);
  if (entry.kind == route_kind::websocket)
    throw needs_upgrade("this path only accepts a WebSocket upgrade");
  if (entry.load != route_load::always && rate_class_of(entry) == rate_class::reads)
    reading_since_ = clock::now();
  co_return co_await carry_out(ctx_, entry, req);
}

task<void> connection::end_with(const response& answer, const request& req) {
  answer_form form;
  form.keep_alive = false;
  const auto octets = to_text(answer, req, form, ctx_.config());
  co_await write(octets);
  co_await linger();
}

task<void> connection::linger() {
  stream_.shutdown_send();
  expires_after(drain_time);
  for (std::size_t drained = 0; drained < max_drained;) {
    buffer_.clear();
    drained += co_await read_some();
  }
}

} // namespace waybill::http
