#include "gateway/transport/connection.hpp"

#include "domain/base/errors.hpp"
#include "gateway/auth/authentication.hpp"
#include "gateway/http/ascii.hpp"
#include "gateway/transport/framing.hpp"
#include "gateway/transport/redirect.hpp"
#include "gateway/transport/wire.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>

#include <spdlog/spdlog.h>

namespace waybill::http {

namespace {

constexpr std::size_t read_size = 16 * 1024;
constexpr std::size_t max_drained = 1024 * 1024;
/// Smaller bodies and answers are not counted: as many as there are connections fit easily.
constexpr std::size_t counted_octets = read_size;

// Note for all coroutines here: g++ 12 destroys some temporaries of a co_await expression twice, aggregates made in
// braces above all. What is awaited takes named values.

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

task<void> session::write(std::string_view text) {
  std::optional<buffered_octets> counted;
  if (text.size() >= counted_octets)
    counted.emplace(home_.metrics(), text.size());
  expires_after(home_.config().write_timeout);
  writing_ = true;
  co_await net::async_write(stream_, net::buffer(text.data(), text.size()), use_task);
  writing_ = false;
  expires_never();
}

task<std::size_t> session::read_some() {
  error_code error;
  const auto n = co_await stream_.async_read_some(buffer_.prepare(read_size), net::redirect_error(use_task, error));
  buffer_.commit(n);
  if (error)
    throw boost::system::system_error{error};
  co_return n;
}

task<void> session::run() {
  try {
    bool more = co_await shake_hands();
    while (more)
      more = co_await serve_one();
  } catch (const boost::system::system_error& error) {
    spdlog::debug("connection ended: {}", error.what());
  } catch (const std::exception& error) {
    spdlog::error("connection ended by a defect: {}", error.what());
  }
}

task<void> session::read_request(parser& in) {
  in.header_limit(static_cast<std::uint32_t>(home_.config().header_limit));
  in.body_limit(home_.config().body_limit);
  expires_after(closing_ ? first_request_time : home_.config().idle_timeout);
  bool head_checked = false;
  // The parser adds the trailers of a chunked body to the fields of the head, where nobody expects them (RFC 9110,
  // section 6.5.1).
  std::optional<request_head> head;
  bool begun = buffer_.size() > 0;
  while (!in.is_done()) {
    if (!begun)
      co_await await_request();
    const auto least = head_checked && in.chunked() ? least_of_chunks : 1;
    while (buffer_.size() < least)
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
      // The parser bounds heads and bodies, but not what stands around the chunks of a body.
      if (buffer_.size() > home_.config().header_limit)
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

// A wait that stop_idle() ended may have been overtaken by a request, which is then served.
task<void> session::await_request() {
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

task<void> session::check_head(parser& in) {
  const auto& head = in.get();
  check_framing(head, home_.config());
  if (in.is_done())
    co_return;
  check_body(in);
  expires_after(home_.config().body_timeout);
  if (same_letters(head[beast_http::field::expect], "100-continue"))
    co_await net::async_write(stream_, net::buffer("HTTP/1.1 100 Continue\r\n\r\n", 25), use_task);
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

void session::charge(const match& where, const request& req) {
  auto& parts = home_.parts();
  if (in_.kind != listener_kind::clients && in_.kind != listener_kind::loopback)
    return;
  const auto which = where.found ? rate_class_of(*where.found) : rate_class::reads;
  if (which == rate_class::none)
    return;
  const auto key = rate_key(req, in_.peer, home_.config());
  if (key.empty())
    return;
  spent_ = parts.rates.take(which, key, clock::now());
  if (spent_.allowed)
    return;
  home_.metrics().count(refusal::rate);
  throw problem{
    429, "rate_limited", "this caller sends more than its share", {}, {{"Retry-After", std::to_string(spent_.retry)}}};
}

void session::fill(request& req, const beast_http::request<beast_http::string_body>& from) {
  req.method = from.method();
  req.headers = &from;
  req.body = from.body();
  req.deadline = clock::now() + home_.config().request_timeout;
  req.request_id = take_request_id(req.header("X-Request-Id"));
  req.traceparent = take_traceparent(req.header("traceparent"));
  req.secure = stream_.is_secure();
  const auto kind = home_.config().forwarded_by;
  req.client = client_address(in_.peer, req.header(header_of(kind)), kind, home_.parts().proxies);
}

task<bool> session::serve_one() {
  phase_ = phase::idle;
  if (closing_ && used_)
    co_return false;
  parser in;
  std::optional<problem> broken;
  body_.reset();
  spent_ = {};
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
  auto result = co_await answer(where, req, in);
  if (!result)
    co_return false;
  if (spent_.which != rate_class::none) {
    result->set("RateLimit-Policy", home_.parts().rates.policy(spent_.which));
    result->set("RateLimit", rate_limits::state(spent_));
  }
  const auto took = clock::now() - began;
  home_.metrics().count(where.index, result->status, took);
  spdlog::debug("request {} of {}: {} {} answered {} in {} us", req.request_id, req.client.to_string(),
                route_name(where.index), req.id, result->status,
                std::chrono::duration_cast<std::chrono::microseconds>(took).count());
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

/// Who has shown a token that holds pays from their own share, all others from that of their address: also for tokens
/// that do not hold, which might be guesses.
task<void> session::identify(const match& where, request& req) {
  try {
    req.who = co_await resolve_caller(home_, req, *where.found);
  } catch (const problem&) {
    charge(where, req);
    throw;
  }
  charge(where, req);
}

task<std::optional<response>> session::respond(match& where, request& req, const parser& in) {
  const auto& message = in.get();
  const auto target = message.target();
  if (target.size() > home_.config().target_limit)
    throw problem{414, "payload_too_large", "the request target is longer than is taken here", {}, {}};
  check_host(message);
  if (in_.kind == listener_kind::redirect)
    co_return to_https(message, home_.parts());
  if (!host_allowed(host_of(message), in_.kind, home_.config()))
    throw problem{403, "forbidden", "this node serves its own machine only, under the names of it", {}, {}};
  read_target({target.data(), target.size()}, req);
  where = find_route(req, in_.kind == listener_kind::operators, home_.config());
  if (!where.found)
    charge(where, req);
  if (where.allowed.empty())
    throw not_found("there is no such path");
  if (req.method == verb::options)
    co_return options_response(req, where.allowed, home_.config());
  if (!where.found)
    throw problem{405, "method_not_allowed", "the path allows " + where.allowed, {}, {{"Allow", where.allowed}}};
  co_await identify(where, req);
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
  stream_.shutdown_send();
  expires_after(drain_time);
  for (std::size_t drained = 0; drained < max_drained;) {
    buffer_.clear();
    drained += co_await read_some();
  }
}

} // namespace waybill::http
