#pragma once

#include "gateway/transport/net.hpp"

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include <boost/intrusive/list.hpp>

#include <memory>
#include <mutex>
#include <vector>

namespace waybill::http {

/// A request from a coroutine to an actor: made on the io thread, sent by the bridge actor, ended on the io thread.
struct call : boost::intrusive::list_base_hook<> {
  virtual ~call() = default;
  /// Runs in the bridge actor.
  virtual void send(caf::event_based_actor* self, const std::shared_ptr<call>& me) = 0;
  /// Runs in the bridge actor: ends the request as CAF would when its time is over. An answer that was there before, or
  /// comes after, is dropped.
  virtual void time_out(caf::event_based_actor* self) = 0;
  /// Runs on the io thread: resumes the coroutine with the answer, unless it has stopped waiting.
  virtual void finish() = 0;
  /// Lets go of the coroutine without resuming it.
  virtual void abandon() = 0;
  /// Keeps the call while a coroutine waits for it, so that a coroutine is only ever destroyed on its own thread.
  std::shared_ptr<call> waiting;
  clock::time_point deadline = clock::time_point::max();
};

/// Carries calls between one io_context and the actors. Both directions are batched: the actor and the io thread are
/// woken once for all calls that gathered meanwhile. (An actor per request costs ten times as much.) Time-outs are kept
/// here and not with CAF's clock, which sorts all of a process's whenever one is added (docs/adr/0002).
class bridge : public std::enable_shared_from_this<bridge> {
public:
  bridge(caf::actor_system& sys, net::io_context& io);
  ~bridge();

  /// io thread only.
  void submit(std::shared_ptr<call> what);
  void forget(call& what);

  /// io thread only, now and then: ends the calls whose time is over.
  void end_overdue(clock::time_point time);

  /// Any thread: the answer is there.
  void complete(std::shared_ptr<call> what);

  /// After the io thread has ended: lets go of everything that is still under way, ends the actor.
  void close();

private:
  void finish_all();

  net::io_context& io_;
  caf::actor actor_;
  boost::intrusive::list<call, boost::intrusive::constant_time_size<false>> waiting_;
  struct outbox;
  std::shared_ptr<outbox> outbox_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<call>> completed_;
  bool closed_ = false;
};

} // namespace waybill::http
