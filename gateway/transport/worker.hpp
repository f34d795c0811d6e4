#pragma once

#include "gateway/auth/token_cache.hpp"
#include "gateway/context/ask.hpp"
#include "gateway/context/metrics.hpp"
#include "gateway/gateway.hpp"
#include "gateway/http/problem.hpp"
#include "gateway/http/request.hpp"
#include "gateway/limits/address_limits.hpp"
#include "gateway/limits/admission.hpp"
#include "gateway/limits/client_address.hpp"
#include "gateway/limits/rate_limits.hpp"
#include "gateway/transport/listener_kind.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <atomic>
#include <list>
#include <memory>
#include <unordered_set>

namespace waybill::http {

class session;
class scenario_runs;

/// What all threads of a gateway share.
struct shared_parts {
  shared_parts(gateway_config options, gateway_services known);

  gateway_config config;
  gateway_services services;
  http_metrics metrics;
  admission requests;
  rate_limits rates;
  address_limits places;
  trusted_proxies proxies;
  /// Null: plain HTTP.
  std::atomic<std::shared_ptr<ssl_ctx_st>> tls;
  /// Connections of operators, who are let in when others are not.
  std::atomic<std::int64_t> ops_connections = 0;
  /// Connections that are only told that they are too many.
  std::atomic<std::int64_t> refusing = 0;
  std::shared_ptr<scenario_runs> runs;
  /// The gateway is going down; connections are told to come back elsewhere.
  std::atomic<bool> draining = false;
  gateway_ports ports;
};

/// One thread of the gateway with its connections. Everything but stop() and adopt() runs on that thread.
class worker {
public:
  worker(caf::actor_system& sys, shared_parts& parts);
  ~worker();

  net::io_context& io() noexcept { return io_; }
  shared_parts& parts() noexcept { return parts_; }
  const gateway_config& config() const noexcept { return parts_.config; }
  const gateway_services& services() const noexcept { return parts_.services; }
  http_metrics& metrics() noexcept { return parts_.metrics; }
  const std::shared_ptr<bridge>& bridge_handle() noexcept { return bridge_; }
  token_cache& tokens() noexcept { return tokens_; }
  [[nodiscard]] bool draining() const noexcept { return parts_.draining; }

  /// Whether more octets may wait for clients.
  [[nodiscard]] bool has_room(std::size_t octets) const noexcept {
    return parts_.metrics.buffered + static_cast<std::int64_t>(octets)
           <= static_cast<std::int64_t>(config().max_buffered);
  }

  /// Whether one more subscription fits; counts the refusal when not.
  [[nodiscard]] bool takes_subscriber() noexcept;

  /// Runs until the last connection has ended after stop().
  void run();

  /// Any thread: takes a new connection over.
  void adopt(net::ip::tcp::socket accepted, listener_kind kind);

  /// Any thread: ends idle connections and streams now, the others after their answer. A connection that is so new
  /// that its first request is still to come gets a moment for it.
  void stop();

  /// Any thread: ends everything now.
  void abort() { io_.stop(); }

  /// After the thread has ended: frees the connections while the actors are still there.
  void close();

  /// The TLS handshake of `one` begins or is over. When too many are under way, the one that takes longest gives way.
  void begin_handshake(session& one);
  void end_handshake(session& one);

  void add(session& one);
  void remove(session& one);

  /// One attempt to ask an actor, within the request's deadline. Throws the problem that a failure amounts to.
  template <class Out, class Handle, class Message>
  task<Out> command(const request& req, const Handle& whom, Message what) {
    auto answer = co_await ask<Out>(bridge_, whom, attempt_time(req), std::move(what));
    co_return unwrap(std::move(answer));
  }

  /// Like command, but repeats what came to nothing for a reason that may pass; for what may be said twice only.
  template <class Out, class Handle, class Message>
  task<Out> query(const request& req, const Handle& whom, Message what) {
    for (int attempt = 1;; ++attempt) {
      auto answer = co_await ask<Out>(bridge_, whom, attempt_time(req), what);
      if (answer || !worth_repeating(answer.error().code) || attempt == max_attempts)
        co_return unwrap(std::move(answer));
      const bool again = co_await pause(req, attempt);
      if (!again)
        co_return unwrap(std::move(answer));
    }
  }

private:
  static constexpr int max_attempts = 3;

  template <class Out>
  static Out unwrap(result<Out> answer) {
    if (!answer)
      throw to_problem(answer.error());
    if constexpr (!std::is_void_v<Out>)
      return std::move(*answer);
  }

  static bool worth_repeating(ec code) noexcept;
  milliseconds attempt_time(const request& req) const;
  task<bool> pause(const request& req, int attempt);
  task<void> watch_deadlines();
  void end_when_done();
  void start_session(tcp_socket socket, const ip_address& peer, listener_kind kind);

  shared_parts& parts_;
  net::io_context io_{1};
  net::executor_work_guard<executor> guard_;
  std::shared_ptr<bridge> bridge_;
  timer tick_;
  token_cache tokens_;
  std::unordered_set<session*> sessions_;
  /// The oldest first.
  std::list<session*> handshakes_;
  bool stopping_ = false;
};

} // namespace waybill::http
