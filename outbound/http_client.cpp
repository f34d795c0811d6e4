#include "outbound/http_client.hpp"

#include "domain/base/errors.hpp"
#include "outbound/address_policy.hpp"
#include "outbound/connection_pool.hpp"
#include "outbound/exchange.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/throw_exception.hpp>

#include <openssl/ssl.h>

#include <atomic>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace waybill::outbound {

std::string_view http_response::header(std::string_view name) const noexcept {
  for (const auto& [key, value] : headers)
    if (beast::iequals(key, name))
      return value;
  return {};
}

void throw_exception_from_error(const http_failure& reason, const boost::source_location& where) {
  boost::throw_exception(std::runtime_error{reason.detail}, where);
}

result<void> check_target(const http_url& url, target_policy policy) {
  if (policy == target_policy::any)
    return {};
  if (!url.secure)
    return failure{ec::invalid_argument, "only https is allowed"};
  error_code code;
  if (const auto address = asio::ip::make_address(url.host, code); !code && !is_public(address))
    return failure{ec::invalid_argument, "the address is not one of the public internet"};
  return {};
}

namespace {

bool is_repeatable(const http_request& what) {
  return what.repeatable || what.method == "GET" || what.method == "HEAD" || what.method == "PUT"
         || what.method == "DELETE";
}

http_failure going_down(bool sent) {
  return {ec::shutting_down, "the HTTP client is going down", sent};
}

http_failure failure_of(const error_code& code, const http_url& url, std::string_view doing, bool sent) {
  const auto sentence = std::string{doing} + ' ' + url.origin() + ": ";
  if (code == beast::error::timeout || code == asio::error::timed_out)
    return {ec::timed_out, sentence + "no answer in time", sent};
  // A server that closes is unavailable; anything else that the parser refuses is no HTTP, or too much of it.
  if (code == asio::error::access_denied)
    return {ec::invalid_argument, "the address of " + url.host + " is not one of the public internet", false};
  const bool closed = code == beast::http::error::end_of_stream || code == beast::http::error::partial_message;
  const bool no_http =
    !closed && code.category() == beast::http::make_error_code(beast::http::error::end_of_stream).category();
  return {no_http ? ec::internal : ec::unavailable, sentence + code.message(), sent};
}

} // namespace

class http_client::impl {
public:
  impl(http_client_options options, asio::ssl::context tls)
    : options_(std::move(options)), tls_(std::move(tls)), pool_(io_, options_), thread_([this] { io_.run(); }) {}

  void send(http_request what, completion done) {
    {
      const std::lock_guard guard{mutex_};
      if (!stopped_ && requests_ < options_.max_requests) {
        ++requests_;
        asio::post(io_, [this, what = std::move(what), done = std::move(done)]() mutable {
          asio::co_spawn(io_, run(std::move(what), std::move(done)), asio::detached);
        });
        return;
      }
    }
    if (stopped_)
      done(going_down(false));
    else
      done(http_failure{ec::overloaded, "too many requests to other servers are under way", false});
  }

  void stop() {
    {
      const std::lock_guard guard{mutex_};
      if (!stopped_.exchange(true))
        asio::post(io_, [this] {
          pool_.stop();
          guard_.reset();
        });
    }
    if (thread_.joinable())
      thread_.join();
    pool_.join();
  }

private:
  asio::awaitable<void> run(http_request what, completion done) {
    http_result answer = http_failure{};
    try {
      answer = co_await perform(std::move(what));
    } catch (const std::exception& problem) {
      answer = http_failure{ec::internal, problem.what(), true};
    }
    --requests_;
    done(std::move(answer));
  }

  asio::awaitable<http_result> perform(http_request what) {
    if (const auto allowed = check_target(what.url, options_.targets); allowed.has_error())
      co_return http_failure{allowed.error().code, allowed.error().detail, false};
    const auto limit = what.timeout.count() > 0 ? what.timeout : options_.total_timeout;
    const auto deadline = clock::now() + limit;
    const auto held = co_await pool_.take_place(what.url, deadline);
    if (!held)
      co_return pool_.stopping() ? going_down(false)
                                 : http_failure{ec::timed_out, "no free connection to " + what.url.origin(), false};
    auto over = held->take_idle();
    for (;;) {
      const bool reused = over != nullptr;
      if (!reused) {
        over = std::make_unique<connection>(io_, what.url.secure ? &tls_ : nullptr);
        const auto code = co_await pool_.connect(*over, what.url, deadline);
        if (code)
          co_return pool_.stopping() ? going_down(false) : failure_of(code, what.url, "connecting to", false);
      }
      exchange_state progress;
      const auto code = co_await talk(*over, what, deadline, progress);
      if (!code) {
        if (progress.keep_alive)
          held->give_back(std::move(over));
        co_return std::move(progress.answer);
      }
      over.reset();
      if (pool_.stopping())
        co_return going_down(true);
      const bool stale = reused && !progress.answered && code != beast::error::timeout;
      if (!stale || !is_repeatable(what))
        co_return failure_of(code, what.url, "asking", true);
    }
  }

  asio::awaitable<error_code> talk(connection& over, const http_request& what, clock::time_point deadline,
                                   exchange_state& progress) {
    const connection_pool::watched seen{pool_, over};
    const exchange_limits limits{deadline, options_.response_timeout, options_.max_body, options_.max_head};
    const auto code = co_await exchange(over, what, limits, progress);
    co_return code;
  }

  const http_client_options options_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard_{io_.get_executor()};
  asio::ssl::context tls_;
  connection_pool pool_;
  std::mutex mutex_;
  std::atomic<bool> stopped_ = false;
  std::atomic<std::size_t> requests_ = 0;
  std::thread thread_;
};

http_client::http_client(std::unique_ptr<impl> made) : impl_(std::move(made)) {}

http_client::~http_client() {
  stop();
}

result<std::shared_ptr<http_client>> http_client::make(http_client_options options) {
  asio::ssl::context tls{asio::ssl::context::tls_client};
  error_code code;
  SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_2_VERSION);
  tls.set_verify_mode(asio::ssl::verify_peer, code);
  if (!code && options.ca_file.empty())
    tls.set_default_verify_paths(code);
  else if (!code)
    tls.load_verify_file(options.ca_file, code);
  if (code)
    return failure{ec::invalid_argument, "the authorities' file cannot be used: " + code.message()};
  return std::shared_ptr<http_client>{new http_client{std::make_unique<impl>(std::move(options), std::move(tls))}};
}

void http_client::send(http_request what, completion done) {
  impl_->send(std::move(what), std::move(done));
}

void http_client::stop() {
  impl_->stop();
}

} // namespace waybill::outbound
