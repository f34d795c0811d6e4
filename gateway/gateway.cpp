#include "gateway/gateway.hpp"

#include "domain/base/errors.hpp"
#include "gateway/calls/call_port.hpp"
#include "gateway/transport/listener.hpp"
#include "gateway/transport/worker.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>

#include <pthread.h>

#include <thread>

namespace waybill {

namespace net = boost::asio;

/// Accepts on a thread of its own and distributes the connections to the workers in turn.
class gateway::impl {
public:
  impl(caf::actor_system& sys, gateway_config config, gateway_services services)
    : sys_(sys),
      state_(std::make_unique<http::transport_state>(sys.metrics(), std::move(config), std::move(services))) {}

  ~impl() {
    begin_drain(std::chrono::milliseconds::zero());
    join();
  }

  result<void> start();
  void request_stop() {
    if (state_)
      begin_drain(state_->gateway.config.drain_delay);
  }
  void join();
  std::shared_ptr<http::call_port> calls() {
    if (!calls_)
      calls_ = std::make_shared<http::call_port>(workers_);
    return calls_;
  }
  [[nodiscard]] gateway_ports ports() const noexcept { return state_ ? state_->gateway.ports : gateway_ports{}; }
  void replace_tls(std::shared_ptr<ssl_ctx_st> context) {
    if (state_)
      state_->tls = std::move(context);
  }

private:
  result<void> listen_everywhere();
  result<std::uint16_t> listen(const listen_address& where, http::listener_kind kind);
  /// Announces the shutdown, and stops accepting after `delay`.
  void begin_drain(std::chrono::milliseconds delay);
  void stop_accepting();

  caf::actor_system& sys_;
  std::unique_ptr<http::transport_state> state_;
  net::io_context io_{1};
  std::vector<std::unique_ptr<http::listener>> listeners_;
  net::steady_timer drain_{io_};
  std::thread acceptor_thread_;
  std::vector<std::unique_ptr<http::worker>> workers_;
  std::vector<std::thread> threads_;
  /// Null as long as nobody asked for it.
  std::shared_ptr<http::call_port> calls_;
  std::size_t next_ = 0;
};

result<void> gateway::impl::start() {
  const auto& config = state_->gateway.config;
  if (auto wrong = config.validate(); !wrong.empty())
    return failure{ec::invalid_argument, std::move(wrong)};
  if (auto open = listen_everywhere(); open.has_error())
    return open.error();
  for (std::size_t i = 0; i < config.threads; ++i) {
    workers_.push_back(std::make_unique<http::worker>(sys_, *state_));
    threads_.emplace_back([thread = workers_.back().get()] { thread->run(); });
    ::pthread_setname_np(threads_.back().native_handle(), ("http-" + std::to_string(i)).c_str());
  }
  for (auto& listener : listeners_)
    listener->accept();
  acceptor_thread_ = std::thread{[this] { io_.run(); }};
  return {};
}

result<std::uint16_t> gateway::impl::listen(const listen_address& where, http::listener_kind kind) {
  auto made = std::make_unique<http::listener>(io_, [this, kind](net::ip::tcp::socket socket) {
    workers_[next_++ % workers_.size()]->adopt(std::move(socket), kind);
  });
  if (auto open = made->open(where); open.has_error())
    return open.error();
  listeners_.push_back(std::move(made));
  return listeners_.back()->port();
}

result<void> gateway::impl::listen_everywhere() {
  const auto& config = state_->gateway.config;
  auto& ports = state_->gateway.ports;
  const auto open = [this](const listen_address& where, http::listener_kind kind, std::uint16_t& port) -> result<void> {
    auto got = listen(where, kind);
    if (got.has_error())
      return got.error();
    port = *got;
    return {};
  };
  if (!config.ops_only) {
    if (auto done = open({config.address, config.port}, http::listener_kind::clients, ports.http); done.has_error())
      return done;
    ports.loopback = ports.http;
    // The scenarios are played over plain HTTP, on this machine.
    if (state_->tls.load() && state_->gateway.services.scenarios)
      if (auto done = open({"127.0.0.1", 0}, http::listener_kind::loopback, ports.loopback); done.has_error())
        return done;
  }
  if (config.redirect)
    if (auto done = open(*config.redirect, http::listener_kind::redirect, ports.redirect); done.has_error())
      return done;
  if (config.ops)
    if (auto done = open(*config.ops, http::listener_kind::operators, ports.ops); done.has_error())
      return done;
  return {};
}

void gateway::impl::begin_drain(std::chrono::milliseconds delay) {
  if (!state_ || state_->gateway.draining.exchange(true))
    return;
  net::post(io_, [this, delay] {
    drain_.expires_after(delay);
    drain_.async_wait([this](boost::system::error_code) { stop_accepting(); });
  });
}

void gateway::impl::stop_accepting() {
  if (!workers_.empty())
    for (auto& listener : listeners_)
      listener->close();
  // After the connections that were accepted before and are still to be handed over.
  net::post(io_, [this] {
    for (auto& worker : workers_)
      worker->stop();
  });
}

void gateway::impl::join() {
  if (!state_)
    return;
  if (calls_)
    calls_->close();
  if (acceptor_thread_.joinable())
    acceptor_thread_.join();
  if (!threads_.empty()) {
    // Connections that have not ended by then are cut off.
    net::io_context watch;
    net::steady_timer limit{watch, state_->gateway.config.drain_timeout};
    limit.async_wait([this](boost::system::error_code error) {
      if (!error)
        for (auto& worker : workers_)
          worker->abort();
    });
    std::thread watcher{[&watch] { watch.run(); }};
    for (auto& thread : threads_)
      thread.join();
    net::post(watch, [&limit] { limit.cancel(); });
    watcher.join();
  }
  threads_.clear();
  for (auto& worker : workers_)
    worker->close();
  workers_.clear();
  state_.reset();
}

gateway::gateway(caf::actor_system& sys, gateway_config config, gateway_services services)
  : impl_(std::make_unique<impl>(sys, std::move(config), std::move(services))) {}

gateway::~gateway() = default;

result<void> gateway::start() {
  return impl_->start();
}

std::uint16_t gateway::port() const noexcept {
  return impl_->ports().http;
}

gateway_ports gateway::ports() const noexcept {
  return impl_->ports();
}

void gateway::replace_tls(std::shared_ptr<ssl_ctx_st> context) {
  impl_->replace_tls(std::move(context));
}

std::shared_ptr<grpc_door::gateway_port> gateway::calls() {
  return impl_->calls();
}

void gateway::request_stop() {
  impl_->request_stop();
}

void gateway::join() {
  impl_->join();
}

} // namespace waybill
