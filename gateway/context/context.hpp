#pragma once

#include "domain/base/errors.hpp"
#include "gateway/context/ask.hpp"
#include "gateway/context/caller_watch.hpp"
#include "gateway/context/gateway_state.hpp"
#include "gateway/context/token_cache.hpp"
#include "gateway/http/problem.hpp"
#include "gateway/http/request.hpp"
#include "gateway/limits/subscriber_limit.hpp"

#include <string>
#include <vector>

namespace waybill::http {

/// What a handler may use: configuration, services, metrics and other actors. One for each thread of the gateway; used
/// on that thread only.
class context {
public:
  context(caf::actor_system& sys, net::io_context& io, gateway_state& state);
  ~context();
  context(const context&) = delete;
  context& operator=(const context&) = delete;

  net::io_context& io() noexcept { return io_; }
  const gateway_config& config() const noexcept { return state_.config; }
  const gateway_services& services() const noexcept { return state_.services; }
  http_metrics& metrics() noexcept { return state_.metrics; }
  gateway_state& state() noexcept { return state_; }
  token_cache& tokens() noexcept { return tokens_; }
  [[nodiscard]] bool draining() const noexcept { return state_.draining; }
  caf::actor_system& system() noexcept { return system_; }

  /// Whether more octets may wait for clients.
  [[nodiscard]] bool has_room(std::size_t octets) const noexcept;

  /// A place for one more subscription, or none; counts the refusal.
  [[nodiscard]] subscriber_permit admit_subscriber() noexcept;

  /// Callers with streams open, who are asked about now and then.
  caller_watch& callers() noexcept { return callers_; }

  /// Asks an actor and gives its answer or failure, after at most `timeout`. For those that handle failures themselves.
  template <class Out, class Handle, class Message>
  task<result<Out>> ask_for(const Handle& actor, Message message, milliseconds timeout) {
    return ask<Out>(bridge_, actor, timeout, std::move(message));
  }

  /// The same, with the time-out of one attempt.
  template <class Out, class Handle, class Message>
  task<result<Out>> ask_for(const Handle& actor, Message message) {
    return ask<Out>(bridge_, actor, config().attempt_timeout, std::move(message));
  }

  /// One attempt to ask an actor, within the request's deadline. Throws the problem that stands for a failure.
  template <class Out, class Handle, class Message>
  task<Out> command(const request& req, const Handle& actor, Message message) {
    auto answer = co_await ask<Out>(bridge_, actor, attempt_time(req), std::move(message));
    co_return unwrap(std::move(answer));
  }

  /// Like command, but repeats an attempt that failed for a reason that may pass; only for messages that may be sent
  /// twice.
  template <class Out, class Handle, class Message>
  task<Out> query(const request& req, const Handle& actor, Message message) {
    for (int attempt = 1;; ++attempt) {
      auto answer = co_await ask<Out>(bridge_, actor, attempt_time(req), message);
      if (answer || !may_pass(answer.error().code) || attempt == max_attempts)
        co_return unwrap(std::move(answer));
      const bool again = co_await pause(req, attempt);
      if (!again)
        co_return unwrap(std::move(answer));
    }
  }

  /// A query, unless `message` expects a version: the entity would refuse it when it comes again.
  template <class Out, class Handle, class Message>
  task<Out> change(const request& req, const Handle& actor, Message message) {
    const bool repeatable = message.expected_version == 0;
    return repeatable ? query<Out>(req, actor, std::move(message)) : command<Out>(req, actor, std::move(message));
  }

  /// Now and then: ends the questions to actors whose time is over.
  void end_overdue(clock::time_point time) { bridge_->end_overdue(time); }

  /// Now and then: looks up whether callers with streams open still have their rights, if it is time.
  void look_up_callers(clock::time_point time);

  /// After the io thread has ended: lets go of the actors.
  void close() { bridge_->close(); }

private:
  static constexpr int max_attempts = 3;

  template <class Out>
  static Out unwrap(result<Out> answer) {
    if (!answer)
      throw to_problem(answer.error());
    if constexpr (!std::is_void_v<Out>)
      return std::move(*answer);
  }

  static bool may_pass(ec code) noexcept { return code == ec::unavailable || code == ec::timed_out; }
  milliseconds attempt_time(const request& req) const;
  /// Waits before the next attempt; false when there is no time for one.
  task<bool> pause(const request& req, int attempt);
  task<void> ask_for_callers(std::vector<std::string> ids);

  caf::actor_system& system_;
  gateway_state& state_;
  net::io_context& io_;
  std::shared_ptr<bridge> bridge_;
  token_cache tokens_;
  caller_watch callers_;
  bool looking_up_ = false;
};

} // namespace waybill::http
