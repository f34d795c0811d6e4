#include "gateway/transport/connection.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "gateway/auth/authentication.hpp"
#include "gateway/http/answer_text.hpp"
#include "gateway/http/text.hpp"
#include "gateway/limits/client_address.hpp"
#include "gateway/streams/streams.hpp"
#include "gateway/transport/allowed_host.hpp"
#include "gateway/transport/redirect.hpp"
#include "gateway/transport/websocket_transport.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>

#include <array>

namespace waybill::http {

namespace {

constexpr std::size_t read_size = 16 * 1024;
constexpr std::size_t max_drained = 1024 * 1024;
/// Smaller bodies and answers are not counted: as many as there are connections fit easily.
constexpr std::size_t counted_octets = read_size;

// Note for all coroutines here: g++ 12 destroys some temporaries of a co_await expression twice, aggregates made in
// braces above all. So arguments of awaited functions are named values.

problem refused(http_metrics& metrics, refusal reason) {
  metrics.count(reason);
  return to_problem({reason == refusal::store ? ec::unavailable : ec::overloaded, {}});
}

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
  while (!in.is_done()) {
    if (!begun)
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
  check_framing(head, ctx_.config());
  if (in.is_done())
    co_return;
  check_body(in);
  expires_after(ctx_.config().body_timeout);
  if (same_letters(head[beast_http::field::expect], "100-continue"))
    co_await net::async_write(stream_, net::buffer("HTTP/1.1 100 Continue\r\n\r\n", 25), use_task);
}

void connection::check_body(const parser& in) {
  auto& metrics = ctx_.metrics();
  if (has_store_problem(in.get().method()))
    throw refused(metrics, refusal::store);
  if (ctx_.state().requests.is_full())
    throw refused(metrics, refusal::in_flight);
  const auto octets = in.content_length().value_or(ctx_.config().body_limit);
  if (octets < counted_octets)
    return;
  if (!ctx_.has_room(octets))
    throw refused(metrics, refusal::buffered);
  body_.emplace(metrics.buffered, static_cast<std::int64_t>(octets));
}

void connection::check_store(const route& entry, beast_http::verb method) {
  if (entry.load == route_load::work && has_store_problem(method))
    throw refused(ctx_.metrics(), refusal::store);
}

/// Of the database, for a request with this method.
bool connection::has_store_problem(beast_http::verb method) const {
  const auto& services = ctx_.services();
  const bool only_reads = method == beast_http::verb::get || method == beast_http::verb::head;
  const auto& problem = only_reads || !services.write_problem ? services.store_problem : services.write_problem;
  return problem && !problem().empty();
}

void connection::charge(const match& route, const request& req) {
  if (accepted_.kind != listener_kind::clients && accepted_.kind != listener_kind::loopback)
    return;
  const auto which = route.entry ? rate_class_of(*route.entry) : rate_class::reads;
  if (which == rate_class::none)
    return;
  const auto key = rate_key(req, accepted_.peer, ctx_.config());
  if (key.empty())
    return;
  charged_ = ctx_.state().rates.take(which, key, clock::now());
  if (charged_.allowed)
    return;
  ctx_.metrics().count(refusal::rate);
  throw problem{429,
                "rate_limited",
                "this caller sends more requests than it may",
                {},
                {{"Retry-After", std::to_string(charged_.retry)}}};
}

request connection::to_request(const http_message& message) const {
  request req;
  read_head(message, req);
  req.body = message.body();
  req.deadline = clock::now() + ctx_.config().request_timeout;
  req.request_id = take_request_id(req.header("X-Request-Id"));
  req.traceparent = take_traceparent(req.header("traceparent"));
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
  charged_ = {};
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
  match route;
  auto result = co_await answer(route, req, in);
  reading_since_.reset();
  if (!result || abandoned_)
    co_return false;
  if (charged_.which != rate_class::none) {
    result->set("RateLimit-Policy", ctx_.state().rates.policy(charged_.which));
    result->set("RateLimit", rate_limits::state(charged_));
  }
  const auto took = clock::now() - began;
  ctx_.metrics().count(route.index, route_name(route.index), result->status, took);
  if (is_logged(log_level::debug))
    log_debug("request {} of {}: {} {} answered {} in {} us", req.request_id, req.client.to_string(),
              route_name(route.index), req.id, result->status,
              std::chrono::duration_cast<std::chrono::microseconds>(took).count());
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

/// A caller with a valid token is charged by its id, all others by their address: also those with an invalid token,
/// which may be a guess.
task<void> connection::identify(const match& route, request& req) {
  try {
    req.caller = co_await resolve_caller(ctx_, req, rule_of(*route.entry));
  } catch (const problem&) {
    charge(route, req);
    throw;
  }
  charge(route, req);
}

task<std::optional<response>> connection::respond(match& route, request& req, const parser& in) {
  const auto& config = ctx_.config();
  const auto& message = in.get();
  const auto target = message.target();
  if (target.size() > config.target_limit)
    throw problem{414, "payload_too_large", "the request target is longer than is taken here", {}, {}};
  check_host(message);
  if (accepted_.kind == listener_kind::redirect)
    co_return to_https(message, config, ctx_.state().ports.http);
  if (!host_allowed(host_of(message), accepted_.kind, config))
    throw problem{403, "forbidden", "this node serves its own machine only, under the names of it", {}, {}};
  read_target({target.data(), target.size()}, req);
  const bool for_operators = accepted_.kind == listener_kind::operators;
  route = find_route(req, for_operators, config);
  if (!route.entry) {
    charge(route, req);
    const auto allowed = allowed_methods(req, for_operators, config);
    if (allowed.empty())
      throw not_found("there is no such path");
    if (req.method == verb::options)
      co_return options_response(req, allowed, config);
    throw problem{405, "method_not_allowed", "the path allows " + allowed, {}, {{"Allow", allowed}}};
  }
  co_await identify(route, req);
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
  if (!entry.answer)
    co_return response{};
  const counted under_way{ctx_.metrics().in_flight};
  if (entry.load == route_load::always)
    co_return co_await entry.answer(ctx_, req);
  check_store(entry, message.method());
  if (rate_class_of(entry) == rate_class::reads)
    reading_since_ = clock::now();
  request_permit permit{ctx_.state().requests};
  if (!permit)
    throw refused(ctx_.metrics(), refusal::in_flight);
  req.permit = &permit;
  co_return co_await entry.answer(ctx_, req);
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
