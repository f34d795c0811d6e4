#include "gateway/context/bridge.hpp"

#include "domain/base/errors.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/sec.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>

#include <utility>

namespace waybill::http {

/// Calls on their way to the actor.
struct bridge::outbox {
  std::mutex mutex;
  std::vector<std::shared_ptr<call>> calls;
  /// Calls whose time is over, or that nobody waits for any more.
  std::vector<std::shared_ptr<call>> given_up;

  /// Whether the actor must be told: it was not since it last took everything.
  bool put(std::vector<std::shared_ptr<call>>& into, std::shared_ptr<call> request) {
    const std::lock_guard guard{mutex};
    const bool first = calls.empty() && given_up.empty();
    into.push_back(std::move(request));
    return first;
  }
};

/// A coroutine that waits, by the handler that resumes it.
template <class Handler>
struct bridge::typed_waiter final : call::waiter {
  explicit typed_waiter(Handler resumed) : handler(std::move(resumed)) {}

  void resume(bool answered) override { std::move(handler)(answered); }

  void resume_later(bool answered) override {
    const auto where = net::get_associated_executor(handler);
    net::post(where, [later = std::move(handler), answered]() mutable { std::move(later)(answered); });
  }

  Handler handler;
};

namespace {

struct bridge_state {
  static inline const char* name = "waybill.gateway.bridge";
};

} // namespace

bridge::bridge(caf::actor_system& sys, net::io_context& io) : io_(io), outbox_(std::make_shared<outbox>()) {
  actor_ = sys.spawn([box = outbox_](caf::stateful_actor<bridge_state>* self) -> caf::behavior {
    // A request that fails is answered by its own error handler.
    return {[self, box](caf::tick_atom) {
      std::vector<std::shared_ptr<call>> calls;
      std::vector<std::shared_ptr<call>> given_up;
      {
        std::lock_guard guard{box->mutex};
        calls.swap(box->calls);
        given_up.swap(box->given_up);
      }
      for (auto& request : calls)
        request->send(self, request);
      // Ends the request as CAF would. An answer that was there before, or comes after, is dropped.
      for (auto& request : given_up) {
        if (!request->response_.is_response())
          continue;
        request->abandon(self);
        self->eq_impl(request->response_, nullptr, self->context(), caf::make_error(caf::sec::request_timeout));
      }
    }};
  });
}

std::shared_ptr<bridge> bridge::open(caf::actor_system& sys, net::io_context& io, const supervise_actor& supervise) {
  const std::shared_ptr<bridge> opened{new bridge{sys, io}};
  supervised(supervise, opened->actor_)->attach_functor([weak = std::weak_ptr{opened}] {
    if (const auto alive = weak.lock())
      alive->lose_actor();
  });
  return opened;
}

bridge::~bridge() {
  close();
}

task<bool> bridge::perform(std::shared_ptr<call> request) {
  auto start = [this, &request](auto handler) {
    using waiter_type = typed_waiter<decltype(handler)>;
    auto slot = net::get_associated_cancellation_slot(handler);
    request->waiter_ = std::make_unique<waiter_type>(std::move(handler));
    if (slot.is_connected())
      slot.assign([self = shared_from_this(), weak = std::weak_ptr<call>{request}](net::cancellation_type) {
        if (auto waiting = weak.lock())
          self->cancel(*waiting);
      });
    submit(request);
  };
  co_return co_await net::async_initiate<decltype(use_task), void(bool)>(start, use_task);
}

void bridge::submit(std::shared_ptr<call> request) {
  waiting_.push_back(*request);
  request->self_ = request;
  if (dead_) {
    // The coroutine must not be resumed before it is suspended.
    net::post(io_, [self = shared_from_this()] { self->refuse_all(); });
    return;
  }
  if (outbox_->put(outbox_->calls, std::move(request)))
    caf::anon_send(actor_, caf::tick_atom_v);
}

/// Runs inside the emission of the cancellation signal, where the coroutine must not be resumed yet.
void bridge::cancel(call& request) {
  const auto kept = request.self_;
  auto waiter = forget(request);
  if (!waiter)
    return;
  give_up(kept);
  waiter->resume_later(false);
}

void bridge::give_up(std::shared_ptr<call> request) {
  if (outbox_->put(outbox_->given_up, std::move(request)))
    caf::anon_send(actor_, caf::tick_atom_v);
}

void bridge::end_overdue(clock::time_point time) {
  for (auto& request : waiting_) {
    if (time < request.deadline)
      continue;
    // Once.
    request.deadline = clock::time_point::max();
    give_up(request.self_);
  }
}

std::unique_ptr<call::waiter> bridge::forget(call& request) {
  if (request.is_linked())
    waiting_.erase(waiting_.iterator_to(request));
  auto waiter = std::move(request.waiter_);
  request.self_.reset();
  return waiter;
}

void bridge::complete(std::shared_ptr<call> request) {
  std::lock_guard guard{mutex_};
  if (closed_)
    return;
  completed_.push_back(std::move(request));
  if (completed_.size() == 1)
    net::post(io_, [self = shared_from_this()] { self->finish_all(); });
}

void bridge::finish_all() {
  std::vector<std::shared_ptr<call>> calls;
  {
    std::lock_guard guard{mutex_};
    calls.swap(completed_);
  }
  // A coroutine may have stopped waiting.
  for (auto& request : calls)
    if (auto waiter = forget(*request))
      waiter->resume(true);
}

void bridge::lose_actor() {
  const std::lock_guard guard{mutex_};
  if (!closed_)
    net::post(io_, [self = shared_from_this()] {
      self->dead_ = true;
      self->refuse_all();
    });
}

/// What was answered before the actor died keeps its answer.
void bridge::refuse_all() {
  finish_all();
  while (!waiting_.empty()) {
    const auto request = waiting_.front().self_;
    request->refuse({ec::unavailable, "this part of the node is broken, the node ends"});
    if (auto waiter = forget(*request))
      waiter->resume(true);
  }
}

void bridge::close() {
  {
    std::lock_guard guard{mutex_};
    if (closed_)
      return;
    closed_ = true;
    completed_.clear();
  }
  while (!waiting_.empty()) {
    const auto kept = waiting_.front().self_;
    forget(*kept);
  }
  caf::anon_send_exit(actor_, caf::exit_reason::user_shutdown);
  actor_ = nullptr;
}

} // namespace waybill::http
