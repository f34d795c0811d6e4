#pragma once

#include "domain/base/result.hpp"
#include "domain/base/time.hpp"
#include "gateway/context/bridge.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/message_id.hpp>
#include <caf/sec.hpp>

#include <optional>
#include <utility>

namespace waybill::http {

/// What an actor's error means: an ec with its sentence, or timed_out, or unavailable when nobody is there to answer.
failure to_failure(const caf::error& reason);

/// For actors of this node that answer every request by themselves.
inline constexpr milliseconds no_timeout = milliseconds::max();

namespace detail {

/// The actor is not running on this node.
failure not_running();
/// The request was cancelled.
failure not_awaited();

template <class Out, class Handle, class Message, class Handler>
class typed_call final : public call {
public:
  typed_call(std::shared_ptr<bridge> way, Handle whom, milliseconds timeout, Message what, Handler handler)
    : bridge_(std::move(way)), whom_(std::move(whom)), what_(std::move(what)), handler_(std::move(handler)) {
    if (timeout != no_timeout)
      deadline = clock::now() + timeout;
  }

  void send(caf::event_based_actor* self, const std::shared_ptr<call>& me) override {
    auto done = [this, me](result<Out> answer) {
      answer_.emplace(std::move(answer));
      bridge_->complete(me);
    };
    auto failed = [done](caf::error& reason) { done(to_failure(reason)); };
    if (!whom_)
      done(not_running());
    else
      send_to(self, done, failed);
  }

  void time_out(caf::event_based_actor* self) override {
    if (response_.is_response())
      self->eq_impl(response_, nullptr, self->context(), caf::make_error(caf::sec::request_timeout));
  }

  void finish() override {
    if (handler_)
      end(std::move(*answer_));
  }

  /// Runs inside the emission of the cancellation signal, where the coroutine must not be resumed yet.
  void cancel() {
    if (!handler_)
      return;
    auto kept = waiting;
    auto handler = std::move(*handler_);
    handler_.reset();
    bridge_->forget(*this);
    const auto where = net::get_associated_executor(handler);
    net::post(where, [later = std::move(handler)]() mutable {
      std::move(later)(result<Out>{not_awaited()});
    });
  }

  void abandon() override { handler_.reset(); }

private:
  template <class Done, class Failed>
  void send_to(caf::event_based_actor* self, Done done, Failed failed) {
    auto request = self->request(whom_, caf::infinite, std::move(what_));
    response_ = request.id();
    if constexpr (std::is_void_v<Out>)
      std::move(request).then([done] { done(result<void>{}); }, failed);
    else
      std::move(request).then([done](Out& x) { done(std::move(x)); }, failed);
  }

  void end(result<Out> answer) {
    auto kept = waiting;
    auto handler = std::move(*handler_);
    handler_.reset();
    bridge_->forget(*this);
    std::move(handler)(std::move(answer));
  }

  std::shared_ptr<bridge> bridge_;
  Handle whom_;
  Message what_;
  /// The answer's, once the request is sent.
  caf::message_id response_;
  std::optional<result<Out>> answer_;
  std::optional<Handler> handler_;
};

} // namespace detail

/// Sends `what` to the actor `whom` and waits for the answer at most `timeout`, and a little longer. Called on the
/// bridge's io thread.
template <class Out, class Handle, class Message>
task<result<Out>> ask(std::shared_ptr<bridge> way, Handle whom, milliseconds timeout, Message what) {
  auto start = [&](auto handler) {
    using call_type = detail::typed_call<Out, Handle, Message, decltype(handler)>;
    auto slot = net::get_associated_cancellation_slot(handler);
    auto made = std::make_shared<call_type>(way, std::move(whom), timeout, std::move(what), std::move(handler));
    if (slot.is_connected())
      slot.assign([weak = std::weak_ptr<call_type>{made}](net::cancellation_type) {
        if (auto still = weak.lock())
          still->cancel();
      });
    way->submit(std::move(made));
  };
  co_return co_await net::async_initiate<decltype(use_task), void(result<Out>)>(start, use_task);
}

} // namespace waybill::http
