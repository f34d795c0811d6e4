#include "gateway/session.hpp"

#include "gateway/authentication.hpp"
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
/// How long a connection that was made just before the end may take for its first request.
constexpr milliseconds first_request_time{1'000};
/// Smaller bodies and answers are not counted: as many as there are connections fit easily.
constexpr std::size_t counted_octets = read_size;

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
  explicit in_flight(http_metrics& m) : metrics(m) { metrics.in_flight.fetch_add(1); }
  ~in_flight() { metrics.in_flight.fetch_sub(1); }
  in_flight(const in_flight&) = delete;
  in_flight& operator=(const in_flight&) = delete;
  http_metrics& metrics;
};

problem refused(http_metrics& metrics, refusal why) {
  metrics.count(why);
  return to_problem({why == refusal::store ? ec::unavailable : ec::overloaded, {}});
}

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
  else if (socket_.available(ignored) == 0)
    socket_.cancel(ignored);
}

task<void> session::write(std::string_view text) {
  std::optional<buffered_octets> counted;
  if (text.size() >= counted_octets)
    counted.emplace(home_.metrics(), text.size());
  expires_after(home_.config().write_timeout);
  writing_ = true;
  co_await net::async_write(socket_, net::buffer(text.data(), text.size()), use_task);
  writing_ = false;
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
  const auto answer = to_response(refused(home_.metrics(), refusal::connections), req);
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
    if (!begun)
      co_await await_request();
    else if (buffer_.size() == 0)
      co_await read_some();
    if (!begun)
      expires_after(home_.config().header_timeout);
    begun = used_ = true;
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

// A wait that stop_idle() ended may have been overtaken by a request, which is then served.
task<void> session::await_request() {
  for (;;) {
    error_code error;
    const auto n = co_await socket_.async_read_some(buffer_.prepare(read_size), net::redirect_error(use_task, error));
    buffer_.commit(n);
    if (!error)
      co_return;
    error_code ignored;
    if (error != net::error::operation_aborted || expired_ || socket_.available(ignored) == 0)
      throw boost::system::system_error{error};
  }
}

task<void> session::check_head(parser& in) {
  const auto& head = in.get();
  if (in.is_done())
    co_return;
  check_body(in);
  expires_after(home_.config().body_timeout);
  if (boost::beast::iequals(head[beast_http::field::expect], "100-continue"))
    co_await net::async_write(socket_, net::buffer("HTTP/1.1 100 Continue\r\n\r\n", 25), use_task);
}

void session::check_body(const parser& in) {
  auto& metrics = home_.metrics();
  if (const auto& away = home_.services().store_problem; away && !away().empty())
    throw refused(metrics, refusal::store);
  if (home_.parts().requests.is_full())
    throw refused(metrics, refusal::in_flight);
  const auto octets = in.content_length().value_or(home_.config().body_limit);
  if (octets < counted_octets)
    return;
  if (!home_.has_room(octets))
    throw refused(metrics, refusal::buffered);
  body_.emplace(metrics, octets);
}

void session::check_store(const route& wanted) {
  const auto& away = home_.services().store_problem;
  if (wanted.load == route_load::work && away && !away().empty())
    throw refused(home_.metrics(), refusal::store);
}

void session::fill(request& req, const beast_http::request<beast_http::string_body>& from) {
  req.method = from.method();
  req.headers = &from;
  req.body = from.body();
  req.deadline = clock::now() + home_.config().request_timeout;
  req.request_id = take_request_id(req.header("X-Request-Id"));
  req.traceparent = take_traceparent(req.header("traceparent"));
}

task<bool> session::serve_one() {
  phase_ = phase::idle;
  if (closing_)
    co_return false;
  parser in;
  std::optional<problem> broken;
  body_.reset();
  try {
    co_await read_request(in);
  } catch (const problem& why) {
    broken = why;
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
  form.keep_alive = in.get().keep_alive() && !closing_ && !home_.draining();
  form.head_only = req.method == verb::head;
  const auto octets = to_wire(*result, req, form, home_.config());
  co_await write(octets);
  // Who did not ask for the end may have sent more.
  if (!form.keep_alive && in.get().keep_alive())
    co_await linger();
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
  req.who = co_await resolve_caller(home_, req, *where.found);
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
  if (where.found->load == route_load::always)
    co_return co_await where.found->answer(home_, req);
  check_store(*where.found);
  admitted place{home_.parts().requests};
  if (!place)
    throw refused(home_.metrics(), refusal::in_flight);
  req.place = &place;
  co_return co_await where.found->answer(home_, req);
}

task<void> session::end_with(const response& what, const request& req) {
  wire_form form;
  form.keep_alive = false;
  const auto octets = to_wire(what, req, form, home_.config());
  co_await write(octets);
  co_await linger();
}

task<void> session::linger() {
  error_code ignored;
  socket_.shutdown(tcp_socket::shutdown_send, ignored);
  expires_after(drain_time);
  for (std::size_t drained = 0; drained < max_drained;) {
    buffer_.clear();
    drained += co_await read_some();
  }
}

} // namespace waybill::http
