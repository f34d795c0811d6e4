#pragma once

#include "domain/base/result.hpp"
#include "gateway/context/task.hpp"
#include "messages/supervision.hpp"

#include <caf/actor.hpp>
#include <caf/fwd.hpp>
#include <caf/message_id.hpp>

#include <boost/intrusive/list.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace waybill::http {

/// One request from a coroutine to an actor.
class call : public boost::intrusive::list_base_hook<> {
public:
  virtual ~call() = default;

  /// Runs in the bridge actor: sends the request. Stores the answer when it comes and calls bridge::complete.
  virtual void send(caf::event_based_actor* self, const std::shared_ptr<call>& me) = 0;

  /// Runs in the bridge actor, after send: tells the receiver that nobody waits for the answer any more, if it is one
  /// that takes such a word.
  virtual void abandon(caf::event_based_actor* self) = 0;
  /// Runs on the io thread, when the bridge actor is dead: stores this failure as the answer.
  virtual void refuse(const failure& reason) = 0;

  clock::time_point deadline = clock::time_point::max();

protected:
  /// The id of the answer, once the request is sent.
  caf::message_id response_;

private:
  friend class bridge;

  /// Resumes a coroutine, or lets go of it without resuming it when it is destroyed.
  struct waiter {
    virtual ~waiter() = default;
    virtual void resume(bool answered) = 0;
    /// The same, but not before the caller has returned to the io_context.
    virtual void resume_later(bool answered) = 0;
  };

  std::unique_ptr<waiter> waiter_;
  /// Keeps the call while a coroutine waits for it, so that a coroutine is only ever destroyed on its own thread.
  std::shared_ptr<call> self_;
};

/// Carries calls between one io_context and the actors. Both directions are batched: the actor and the io thread are
/// woken once for all calls that gathered meanwhile. (An actor per request costs ten times as much.) Time-outs are kept
/// here and not with CAF's clock, which sorts all of a process's time-outs whenever one is added (docs/adr/0002).
/// Should the actor die, every call fails with ec::unavailable, also those under way.
class bridge : public std::enable_shared_from_this<bridge> {
public:
  static std::shared_ptr<bridge> open(caf::actor_system& sys, net::io_context& io, const supervise_actor& supervise);
  ~bridge();

  /// io thread only: sends the request and waits for its answer. False when the wait was cancelled: then the request is
  /// abandoned, and an answer may still be written by the actor and must not be read.
  task<bool> perform(std::shared_ptr<call> request);

  /// io thread only, now and then: ends the calls whose time is over.
  void end_overdue(clock::time_point time);

  /// Any thread: the answer is there.
  void complete(std::shared_ptr<call> request);

  /// After the io thread has ended: lets go of all calls under way and ends the actor.
  void close();

private:
  template <class Handler>
  struct typed_waiter;
  struct outbox;

  bridge(caf::actor_system& sys, net::io_context& io);

  void submit(std::shared_ptr<call> request);
  /// Any thread: the actor is dead.
  void lose_actor();
  void refuse_all();
  void cancel(call& request);
  void give_up(std::shared_ptr<call> request);
  std::unique_ptr<call::waiter> forget(call& request);
  void finish_all();

  net::io_context& io_;
  caf::actor actor_;
  boost::intrusive::list<call, boost::intrusive::constant_time_size<false>> waiting_;
  std::shared_ptr<outbox> outbox_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<call>> completed_;
  bool closed_ = false;
  /// Used on the io thread only.
  bool dead_ = false;
};

} // namespace waybill::http
