#include "outbound/http_client.hpp"

#include "domain/base/errors.hpp"
#include "outbound/http/http_sender.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <mutex>
#include <thread>

namespace waybill::outbound {

class http_client::impl {
public:
  impl(http_client_options options, std::shared_ptr<tls_context> tls)
    : max_requests_(options.max_requests), max_idle_(options.max_idle),
      sender_(io_.get_executor(), std::move(options), std::move(tls)), thread_([this] { io_.run(); }) {}

  void send(http_request request, completion done) {
    {
      const std::lock_guard guard{mutex_};
      if (!stopped_ && requests_ < max_requests_) {
        ++requests_;
        asio::post(io_, [this, request = std::move(request), done = std::move(done)]() mutable {
          asio::co_spawn(io_, run(std::move(request), std::move(done)), asio::detached);
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
          sender_.pool().stop();
          sweep_.cancel();
          guard_.reset();
        });
    }
    if (thread_.joinable())
      thread_.join();
  }

private:
  asio::awaitable<void> run(http_request request, completion done) {
    http_result answer = http_failure{};
    try {
      answer = co_await sender_.send(std::move(request));
    } catch (const std::exception& problem) {
      answer = http_failure{ec::internal, problem.what(), true};
    }
    --requests_;
    if (!stopped_ && !std::exchange(sweeping_, true))
      asio::co_spawn(io_, close_expired(), asio::detached);
    done(std::move(answer));
  }

  asio::awaitable<void> close_expired() {
    bool any_left = true;
    while (any_left && !stopped_) {
      error_code ignored;
      sweep_.expires_after(max_idle_);
      co_await sweep_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
      any_left = sender_.pool().close_expired();
    }
    sweeping_ = false;
  }

  const std::size_t max_requests_;
  const milliseconds max_idle_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard_{io_.get_executor()};
  http_sender sender_;
  asio::steady_timer sweep_{io_};
  bool sweeping_ = false;
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
  auto tls = make_tls_context(options);
  if (tls.has_error())
    return tls.error();
  return std::shared_ptr<http_client>{new http_client{std::make_unique<impl>(std::move(options), std::move(*tls))}};
}

void http_client::send(http_request request, completion done) {
  impl_->send(std::move(request), std::move(done));
}

void http_client::stop() {
  impl_->stop();
}

} // namespace waybill::outbound
