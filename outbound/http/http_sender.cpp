#include "outbound/http/http_sender.hpp"

#include "domain/base/errors.hpp"
#include "outbound/http/exchange.hpp"

namespace waybill::outbound {

http_failure going_down(bool sent) {
  return {ec::shutting_down, "the HTTP client is going down", sent};
}

namespace {

bool is_repeatable(const http_request& request) {
  return request.repeatable || request.method == "GET" || request.method == "HEAD" || request.method == "PUT"
         || request.method == "DELETE";
}

http_failure failure_of(const error_code& code, const http_url& url, std::string_view doing, bool sent) {
  const auto sentence = std::string{doing} + ' ' + url.origin() + ": ";
  if (code == asio::error::timed_out)
    return {ec::timed_out, sentence + "no answer in time", sent};
  if (code == asio::error::access_denied)
    return {ec::invalid_argument, "the address of " + url.host + " is not one of the public internet", false};
  return {ec::unavailable, sentence + code.message(), sent};
}

asio::awaitable<error_code> talk(connection_pool& pool, connection& server, const http_request& request,
                                 clock::time_point deadline, exchange_state& state) {
  const auto& options = pool.options();
  const connection_pool::in_use guard{pool, server};
  const exchange_limits limits{deadline, options.response_timeout, options.max_body, options.max_head};
  const auto code = co_await exchange(server, request, limits, state);
  co_return code;
}

} // namespace

asio::awaitable<http_result> http_sender::perform(std::shared_ptr<connection_pool> pool,
                                                  std::shared_ptr<tls_context> tls, http_request request) {
  const auto& options = pool->options();
  if (const auto allowed = check_target(request.url, options.targets); allowed.has_error())
    co_return http_failure{allowed.error().code, allowed.error().detail, false};
  const auto limit = request.timeout.count() > 0 ? request.timeout : options.total_timeout;
  const auto deadline = clock::now() + limit;
  const auto slot = co_await pool->take_slot(request.url.origin(), deadline);
  if (!slot)
    co_return pool->stopping() ? going_down(false)
                               : http_failure{ec::timed_out, "no free connection to " + request.url.origin(), false};
  auto server = slot->take_idle();
  for (;;) {
    const bool reused = server != nullptr;
    if (!reused) {
      server = make_connection(pool->executor(), request.url.secure ? tls : nullptr);
      const auto code = co_await pool->connect(*server, request.url, deadline);
      if (code)
        co_return pool->stopping() ? going_down(false) : failure_of(code, request.url, "connecting to", false);
    }
    exchange_state state;
    const auto code = co_await talk(*pool, *server, request, deadline, state);
    if (!code) {
      if (state.keep_alive)
        slot->keep(std::move(server));
      co_return std::move(state.answer);
    }
    server.reset();
    if (pool->stopping())
      co_return going_down(true);
    if (state.malformed)
      co_return http_failure{ec::internal, "asking " + request.url.origin() + ": " + code.message(), true};
    const bool stale = reused && !state.answered && code != asio::error::timed_out;
    if (!stale || !is_repeatable(request))
      co_return failure_of(code, request.url, "asking", true);
  }
}

} // namespace waybill::outbound
