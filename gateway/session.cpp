#include "gateway/session.hpp"

#include "gateway/wire.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include <spdlog/spdlog.h>

namespace waybill::http {

namespace {

constexpr std::size_t read_size = 16 * 1024;
constexpr std::size_t max_drained = 1024 * 1024;
constexpr milliseconds drain_time{2'000};

// Note for all coroutines here: g++ 12 destroys some temporaries of a co_await expression twice, aggregates made in
// braces above all. What is awaited takes named values.

/// What is wrong with octets that are not a request that we take.
problem unreadable(error_code why) {
  using beast_http::error;
  if (why == error::body_limit)
    return {413, "payload_too_large", "the body is larger than is taken here", {}, {}};
  if (why == error::header_limit || why == error::buffer_overflow)
    return {431, "payload_too_large", "the request's head is larger than is taken here", {}, {}};
  if (why == net::error::operation_aborted)
    return {408, "request_timeout", "the request did not come in time", {}, {}};
  return {400, "validation_failed", "this is not a well-formed HTTP/1.1 request", {}, {}};
}

/// Counts a request under way for as long as it lives.
struct in_flight {
  explicit in_flight(http_metrics& m) : metrics(m), now(metrics.in_flight.fetch_add(1) + 1) {}
  ~in_flight() { metrics.in_flight.fetch_sub(1); }
  in_flight(const in_flight&) = delete;
  in_flight& operator=(const in_flight&) = delete;
  http_metrics& metrics;
  std::int64_t now;
};

} // namespace

session::session(worker& home, tcp_socket socket) : home_(home), socket_(std::move(socket)) {
  home_.metrics().connections.fetch_add(1);
}

session::~session() {
  home_.metrics().connections.fetch_sub(1);
}

void session::start(worker& home, tcp_socket socket, bool refused) {
  auto one = std::make_shared<session>(home, std::move(socket));
  home.add(*one);
  auto ended = [one, &home](std::exception_ptr) {
    error_code ignored;
    one->socket_.close(ignored);
    home.remove(*one);
  };
  net::co_spawn(home.io(), refused ? one->refuse() : one->run(),
                net::bind_cancellation_slot(one->signal_.slot(), std::move(ended)));
}

void session::expire() {
  expired_ = true;
  expires_never();
  error_code ignored;
  socket_.cancel(ignored);
}

void session::stop() {
  closing_ = true;
  if (on_stop_)
    on_stop_();
  else if (phase_ != phase::busy)
    signal_.emit(net::cancellation_type::terminal);
}

task<void> session::write(std::string_view text) {
  expires_after(home_.config().write_timeout);
  co_await net::async_write(socket_, net::buffer(text.data(), text.size()), use_task);
  expires_never();
}

task<std::size_t> session::read_some() {
  error_code error;
  const auto n = co_await socket_.async_read_some(buffer_.prepare(read_size), net::redirect_error(use_task, error));
  buffer_.commit(n);
  if (error)
    throw boost::system::system_error{error};
  co_return n;
}

task<void> session::refuse() {
  request req;
  req.request_id = take_request_id({});
  req.traceparent = take_traceparent({});
  home_.metrics().refused_overloaded.fetch_add(1);
  const auto answer = to_response(to_problem(failure{ec::overloaded, {}}), req);
  co_await end_with(answer, req);
}

task<void> session::run() {
  try {
    for (bool more = true; more;)
      more = co_await serve_one();
  } catch (const boost::system::system_error& error) {
    spdlog::debug("connection ended: {}", error.what());
  } catch (const std::exception& error) {
    spdlog::error("connection ended by a defect: {}", error.what());
  }
}

task<void> session::read_request(parser& in) {
  in.eager(true);
  in.header_limit(static_cast<std::uint32_t>(home_.config().header_limit));
  in.body_limit(home_.config().body_limit);
  expires_after(home_.config().idle_timeout);
  bool head_checked = false;
  bool begun = buffer_.size() > 0;
  while (!in.is_done()) {
    if (buffer_.size() == 0)
      co_await read_some();
    if (!begun)
      expires_after(home_.config().header_timeout);
    begun = true;
    phase_ = phase::busy;
    error_code error;
    const auto used = in.put(buffer_.data(), error);
    buffer_.consume(used);
    if (error == beast_http::error::need_more) {
      error = {};
      if (buffer_.size() > 0)
        co_await read_some();
    }
    if (error)
      throw boost::system::system_error{error};
    if (in.is_header_done() && !head_checked) {
      head_checked = true;
      co_await check_head(in);
    }
  }
  expires_never();
}

task<void> session::check_head(parser& in) {
  const auto& head = in.get();
  if (in.is_done())
    co_return;
  expires_after(home_.config().body_timeout);
  if (boost::beast::iequals(head[beast_http::field::expect], "100-continue"))
    co_await net::async_write(socket_, net::buffer("HTTP/1.1 100 Continue\r\n\r\n", 25), use_task);
}

void session::fill(request& req, const beast_http::request<beast_http::string_body>& from) {
  req.method = from.method();
  req.headers = &from;
  req.body = from.body();
  req.deadline = clock::now() + home_.config().request_timeout;
  req.request_id = take_request_id(req.header("X-Request-Id"));
  req.traceparent = take_traceparent(req.header("traceparent"));
  req.who = resolve_caller(from);
}

task<bool> session::serve_one() {
  phase_ = phase::idle;
  if (closing_)
    co_return false;
  parser in;
  std::optional<problem> broken;
  try {
    co_await read_request(in);
  } catch (const boost::system::system_error& error) {
    const bool silent = error.code() == net::error::eof || error.code() == net::error::connection_reset
                        || (phase_ == phase::idle) || (error.code() == net::error::operation_aborted && !expired_);
    if (silent)
      co_return false;
    broken = unreadable(error.code());
  }
  phase_ = phase::busy;
  request req;
  fill(req, in.get());
  if (broken) {
    const auto answer = to_response(*broken, req);
    co_await end_with(answer, req);
    co_return false;
  }
  const auto began = clock::now();
  match where;
  const auto result = co_await answer(where, req, in);
  if (!result)
    co_return false;
  const auto took = clock::now() - began;
  home_.metrics().count(where.index, result->status, took);
  spdlog::debug("request {}: {} {} answered {} in {} us", req.request_id, route_name(where.index), req.id,
                result->status, std::chrono::duration_cast<std::chrono::microseconds>(took).count());
  wire_form form;
  form.http_1_0 = in.get().version() < 11;
  form.keep_alive = in.get().keep_alive() && !closing_;
  form.head_only = req.method == verb::head;
  const auto octets = to_wire(*result, req, form, home_.config());
  co_await write(octets);
  co_return form.keep_alive;
}

task<std::optional<response>> session::answer(match& where, request& req, const parser& in) {
  try {
    co_return co_await respond(where, req, in);
  } catch (const problem& what) {
    if (phase_ == phase::stream)
      co_return std::nullopt;
    co_return to_response(what, req);
  } catch (const std::exception& error) {
    if (phase_ == phase::stream)
      co_return std::nullopt;
    spdlog::error("request {} failed by a defect: {}", req.request_id, error.what());
    co_return to_response(to_problem({ec::internal, {}}), req);
  }
}

task<std::optional<response>> session::respond(match& where, request& req, const parser& in) {
  const auto& message = in.get();
  const auto target = message.target();
  if (target.size() > home_.config().target_limit)
    throw problem{414, "payload_too_large", "the request target is longer than is taken here", {}, {}};
  if (message.count(beast_http::field::host) != 1 && message.version() >= 11)
    throw problem{400, "validation_failed", "a request needs exactly one Host header", {}, {}};
  if (!host_allowed(req.header(beast_http::field::host), home_.config()))
    throw problem{403, "forbidden", "this node serves its own machine only, under the names of it", {}, {}};
  read_target({target.data(), target.size()}, req);
  where = find_route(req);
  if (where.allowed.empty())
    throw not_found("there is no such path");
  if (req.method == verb::options)
    co_return options_response(req, where.allowed, home_.config());
  if (!where.found)
    throw problem{405, "method_not_allowed", "the path allows " + where.allowed, {}, {{"Allow", where.allowed}}};
  if (where.found->kind == route_kind::events && req.method == verb::get) {
    co_await serve_events(*this, req);
    co_return std::nullopt;
  }
  if (where.found->kind == route_kind::websocket && req.method == verb::get) {
    co_await serve_websocket(*this, req, message);
    co_return std::nullopt;
  }
  if (!where.found->answer)
    co_return response{};
  const in_flight one{home_.metrics()};
  if (!where.found->always && one.now > static_cast<std::int64_t>(home_.config().max_in_flight)) {
    home_.metrics().refused_overloaded.fetch_add(1);
    throw to_problem({ec::overloaded, {}});
  }
  co_return co_await where.found->answer(home_, req);
}

task<void> session::end_with(const response& what, const request& req) {
  wire_form form;
  form.keep_alive = false;
  const auto octets = to_wire(what, req, form, home_.config());
  co_await write(octets);
  error_code ignored;
  socket_.shutdown(tcp_socket::shutdown_send, ignored);
  expires_after(drain_time);
  for (std::size_t drained = 0; drained < max_drained;) {
    buffer_.clear();
    drained += co_await read_some();
  }
}

} // namespace waybill::http
