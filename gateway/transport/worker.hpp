#pragma once

#include "gateway/context/context.hpp"
#include "gateway/transport/listener_kind.hpp"
#include "gateway/transport/stream/net.hpp"
#include "gateway/transport/transport_state.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <list>
#include <unordered_set>

namespace waybill::http {

class connection;

/// Work on a thread of the gateway that came by no connection.
class guest {
public:
  virtual ~guest() = default;

  /// The gateway shuts down.
  virtual void stop() = 0;
};

/// One thread of the gateway with its io_context, its connections and its context. All functions run on that thread,
/// except those that say otherwise.
class worker {
public:
  worker(caf::actor_system& sys, transport_state& state);
  ~worker();

  net::io_context& io() noexcept { return io_; }
  class context& context() noexcept {
    return context_;
  }
  transport_state& state() noexcept { return state_; }

  /// Runs until the last connection has ended after stop().
  void run();

  /// Any thread: takes over a new connection.
  void adopt(net::ip::tcp::socket accepted, listener_kind kind);

  /// Any thread: ends idle connections and streams now, the others after their answer. A connection that is so new
  /// that its first request is still to come gets a moment for it.
  void stop();

  /// Any thread: ends everything now.
  void abort() { io_.stop(); }

  /// After the thread has ended: frees the connections while the actors still exist.
  void close();

  /// A TLS handshake begins or is over. When too many are under way, the oldest one is ended.
  void begin_handshake(connection& client);
  void end_handshake(connection& client);

  void add(connection& client);
  void remove(connection& client);
  /// The thread does not end before the last guest.
  void add(guest& work);
  void remove(guest& work);

private:
  task<void> watch_deadlines();
  void end_when_done();
  [[nodiscard]] bool is_done() const noexcept { return stopping_ && connections_.empty() && guests_.empty(); }
  void start_connection(tcp_socket socket, const ip_address& peer, listener_kind kind);

  transport_state& state_;
  net::io_context io_{1};
  net::executor_work_guard<executor> guard_;
  class context context_;
  timer tick_;
  std::unordered_set<connection*> connections_;
  std::unordered_set<guest*> guests_;
  /// The oldest first.
  std::list<connection*> handshakes_;
  bool stopping_ = false;
};

} // namespace waybill::http
