#include "gateway/context/bridge.hpp"

#include <boost/asio/post.hpp>

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>

namespace waybill::http {

/// Calls on their way to the actor.
struct bridge::outbox {
  std::mutex mutex;
  std::vector<std::shared_ptr<call>> calls;
  std::vector<std::shared_ptr<call>> overdue;

  /// Whether the actor must be told: it was not since it last took everything.
  bool put(std::vector<std::shared_ptr<call>>& into, std::shared_ptr<call> what) {
    const std::lock_guard guard{mutex};
    const bool first = calls.empty() && overdue.empty();
    into.push_back(std::move(what));
    return first;
  }
};

namespace {

struct bridge_state {
  static inline const char* name = "waybill.gateway.bridge";
};

} // namespace

bridge::bridge(caf::actor_system& sys, net::io_context& io) : io_(io), outbox_(std::make_shared<outbox>()) {
  actor_ = sys.spawn([box = outbox_](caf::stateful_actor<bridge_state>* self) -> caf::behavior {
    // A call that fails is answered by its own error handler.
    return {[self, box](caf::tick_atom) {
      std::vector<std::shared_ptr<call>> calls;
      std::vector<std::shared_ptr<call>> overdue;
      {
        std::lock_guard guard{box->mutex};
        calls.swap(box->calls);
        overdue.swap(box->overdue);
      }
      for (auto& what : calls)
        what->send(self, what);
      for (auto& what : overdue)
        what->time_out(self);
    }};
  });
}

bridge::~bridge() {
  close();
}

void bridge::submit(std::shared_ptr<call> what) {
  waiting_.push_back(*what);
  what->waiting = what;
  if (outbox_->put(outbox_->calls, std::move(what)))
    caf::anon_send(actor_, caf::tick_atom_v);
}

void bridge::end_overdue(clock::time_point time) {
  for (auto& what : waiting_) {
    if (time < what.deadline)
      continue;
    // Once.
    what.deadline = clock::time_point::max();
    if (outbox_->put(outbox_->overdue, what.waiting))
      caf::anon_send(actor_, caf::tick_atom_v);
  }
}

void bridge::forget(call& what) {
  if (what.is_linked())
    waiting_.erase(waiting_.iterator_to(what));
  what.waiting.reset();
}

void bridge::complete(std::shared_ptr<call> what) {
  std::lock_guard guard{mutex_};
  if (closed_)
    return;
  completed_.push_back(std::move(what));
  if (completed_.size() == 1)
    net::post(io_, [self = shared_from_this()] { self->finish_all(); });
}

void bridge::finish_all() {
  std::vector<std::shared_ptr<call>> calls;
  {
    std::lock_guard guard{mutex_};
    calls.swap(completed_);
  }
  for (auto& what : calls)
    what->finish();
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
    auto kept = waiting_.front().waiting;
    forget(*kept);
    kept->abandon();
  }
  caf::anon_send_exit(actor_, caf::exit_reason::user_shutdown);
  actor_ = nullptr;
}

} // namespace waybill::http
