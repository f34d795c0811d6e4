#include "gateway/gateway.hpp"

#include "gateway/scenario_runs.hpp"
#include "gateway/worker.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>

#include <spdlog/spdlog.h>

#include <thread>

namespace waybill {

namespace net = boost::asio;

/// Accepts on a thread of its own and deals the connections out to the workers in turn.
class gateway::impl {
public:
  impl(caf::actor_system& sys, gateway_config config, gateway_services services)
    : sys_(sys), parts_(std::make_unique<http::shared_parts>(std::move(config), std::move(services))) {
    parts_->runs = std::make_shared<http::scenario_runs>();
  }

  ~impl() {
    begin_drain(std::chrono::milliseconds::zero());
    join();
  }

  result<void> start();
  void request_stop() {
    if (parts_)
      begin_drain(parts_->config.drain_delay);
  }
  void join();
  [[nodiscard]] std::uint16_t port() const noexcept { return parts_ ? parts_->port : std::uint16_t{0}; }

private:
  void accept();
  /// Says that the gateway goes down, and stops accepting after `delay`.
  void begin_drain(std::chrono::milliseconds delay);
  void stop_accepting();

  caf::actor_system& sys_;
  std::unique_ptr<http::shared_parts> parts_;
  net::io_context io_{1};
  net::ip::tcp::acceptor acceptor_{io_};
  net::steady_timer pause_{io_};
  net::steady_timer drain_{io_};
  std::thread acceptor_thread_;
  std::vector<std::unique_ptr<http::worker>> workers_;
  std::vector<std::thread> threads_;
  std::size_t next_ = 0;
};

result<void> gateway::impl::start() {
  const auto& config = parts_->config;
  if (auto wrong = config.validate(); !wrong.empty())
    return failure{ec::invalid_argument, std::move(wrong)};
  try {
    const net::ip::tcp::endpoint where{net::ip::make_address(config.address), config.port};
    acceptor_.open(where.protocol());
    acceptor_.set_option(net::socket_base::reuse_address{true});
    acceptor_.bind(where);
    acceptor_.listen(1024);
    parts_->port = acceptor_.local_endpoint().port();
  } catch (const boost::system::system_error& error) {
    return failure{ec::unavailable, "cannot listen on " + config.address + ':' + std::to_string(config.port) + ": "
                                      + error.code().message()};
  }
  for (std::size_t i = 0; i < config.threads; ++i) {
    workers_.push_back(std::make_unique<http::worker>(sys_, *parts_));
    threads_.emplace_back([one = workers_.back().get()] { one->run(); });
  }
  accept();
  acceptor_thread_ = std::thread{[this] { io_.run(); }};
  return {};
}

void gateway::impl::accept() {
  acceptor_.async_accept([this](boost::system::error_code error, net::ip::tcp::socket socket) {
    if (!error)
      workers_[next_++ % workers_.size()]->adopt(std::move(socket));
    if (!acceptor_.is_open())
      return;
    if (!error) {
      accept();
    } else {
      // Out of descriptors: nothing can be accepted until some are free, and asking at once would spin.
      spdlog::warn("cannot accept a connection: {}", error.message());
      pause_.expires_after(std::chrono::milliseconds{100});
      pause_.async_wait([this](boost::system::error_code) {
        if (acceptor_.is_open())
          accept();
      });
    }
  });
}

void gateway::impl::begin_drain(std::chrono::milliseconds delay) {
  if (!parts_ || parts_->draining.exchange(true))
    return;
  net::post(io_, [this, delay] {
    drain_.expires_after(delay);
    drain_.async_wait([this](boost::system::error_code) { stop_accepting(); });
  });
}

/// Connections that the kernel has made already are taken: closing the listener would reset them.
void gateway::impl::stop_accepting() {
  boost::system::error_code error;
  acceptor_.cancel(error);
  acceptor_.non_blocking(true, error);
  while (!error && !workers_.empty()) {
    net::ip::tcp::socket socket{io_};
    acceptor_.accept(socket, error);
    if (!error)
      workers_[next_++ % workers_.size()]->adopt(std::move(socket));
  }
  acceptor_.close(error);
  pause_.cancel();
  // Behind a connection that was accepted before and is still to be handed over.
  net::post(io_, [this] {
    for (auto& one : workers_)
      one->stop();
  });
}

void gateway::impl::join() {
  if (!parts_)
    return;
  if (acceptor_thread_.joinable())
    acceptor_thread_.join();
  if (!threads_.empty()) {
    // Whoever has not ended by then is cut off.
    net::io_context watch;
    net::steady_timer limit{watch, parts_->config.drain_timeout};
    limit.async_wait([this](boost::system::error_code error) {
      if (!error)
        for (auto& one : workers_)
          one->abort();
    });
    std::thread watcher{[&watch] { watch.run(); }};
    for (auto& one : threads_)
      one.join();
    net::post(watch, [&limit] { limit.cancel(); });
    watcher.join();
  }
  threads_.clear();
  for (auto& one : workers_)
    one->close();
  workers_.clear();
  parts_.reset();
}

gateway::gateway(caf::actor_system& sys, gateway_config config, gateway_services services)
  : impl_(std::make_unique<impl>(sys, std::move(config), std::move(services))) {}

gateway::~gateway() = default;

result<void> gateway::start() {
  return impl_->start();
}

std::uint16_t gateway::port() const noexcept {
  return impl_->port();
}

void gateway::request_stop() {
  impl_->request_stop();
}

void gateway::join() {
  impl_->join();
}

} // namespace waybill
