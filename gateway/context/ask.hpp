#pragma once

#include "domain/base/errors.hpp"
#include "domain/base/result.hpp"
#include "domain/base/time.hpp"
#include "gateway/context/bridge.hpp"
#include "messages/actors.hpp"

#include <caf/event_based_actor.hpp>

#include <optional>
#include <type_traits>
#include <utility>

namespace waybill::http {

/// An actor's error as a failure: an ec with its sentence, or timed_out, or unavailable when the actor cannot be
/// reached.
failure to_failure(const caf::error& reason);

/// For actors of this node that answer every request in a time of their own.
inline constexpr milliseconds no_timeout = milliseconds::max();

namespace detail {

/// Actors that stop working on a request when they are told that it was abandoned.
template <class Handle>
inline constexpr bool takes_abandoning =
  std::is_same_v<Handle, reader_actor> || std::is_same_v<Handle, event_feed_actor>;

template <class Out, class Handle, class Message>
class typed_call final : public call {
public:
  typed_call(std::shared_ptr<bridge> over, Handle actor, milliseconds timeout, Message message)
    : bridge_(std::move(over)), actor_(std::move(actor)), message_(std::move(message)) {
    if (timeout != no_timeout)
      deadline = clock::now() + timeout;
  }

  void send(caf::event_based_actor* self, const std::shared_ptr<call>& me) override {
    auto done = [this, me](result<Out> answer) {
      answer_.emplace(std::move(answer));
      bridge_->complete(me);
    };
    auto failed = [done](caf::error& reason) { done(to_failure(reason)); };
    if (!actor_)
      return done(failure{ec::unavailable, "this part of the system is not running"});
    auto request = self->request(actor_, caf::infinite, std::move(message_));
    response_ = request.id();
    if constexpr (std::is_void_v<Out>)
      std::move(request).then([done] { done(result<void>{}); }, failed);
    else
      std::move(request).then([done](Out& x) { done(std::move(x)); }, failed);
  }

  void abandon(caf::event_based_actor* self) override {
    if constexpr (takes_abandoning<Handle>)
      self->send(actor_, abandon_request{response_.request_id().integer_value()});
  }
  void refuse(const failure& reason) override { answer_.emplace(reason); }

  result<Out> take() { return std::move(*answer_); }

private:
  std::shared_ptr<bridge> bridge_;
  Handle actor_;
  Message message_;
  std::optional<result<Out>> answer_;
};

} // namespace detail

/// Sends `message` to `actor` and waits for the answer: at most `timeout`, and up to 100 ms longer, since time-outs are
/// looked for ten times a second. Called on the bridge's io thread.
template <class Out, class Handle, class Message>
task<result<Out>> ask(std::shared_ptr<bridge> over, Handle actor, milliseconds timeout, Message message) {
  using call_type = detail::typed_call<Out, Handle, Message>;
  const auto request = std::make_shared<call_type>(over, std::move(actor), timeout, std::move(message));
  // Named: g++ 12 destroys some temporaries of a co_await expression twice.
  std::shared_ptr<call> waiting = request;
  const bool answered = co_await over->perform(std::move(waiting));
  if (!answered)
    co_return failure{ec::shutting_down, "no longer waited for"};
  co_return request->take();
}

} // namespace waybill::http
