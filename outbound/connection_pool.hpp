#pragma once

#include "outbound/connection.hpp"
#include "outbound/http_client.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

namespace waybill::outbound {

/// The connections of an http_client, by host. Belongs to the client's thread, but for the threads that resolve names.
class connection_pool {
  struct site;

public:
  /// The right to have one connection to a host open; the next who waits gets it in the end.
  class place {
  public:
    place(connection_pool& pool, std::shared_ptr<site> where) : pool_(pool), where_(std::move(where)) {}
    ~place() { pool_.release(*where_); }
    place(const place&) = delete;
    place& operator=(const place&) = delete;

    /// Null when no kept connection is still good.
    std::unique_ptr<connection> take_idle();
    void give_back(std::unique_ptr<connection> done);

  private:
    connection_pool& pool_;
    std::shared_ptr<site> where_;
  };

  /// While it lives, stop() ends what the connection does.
  class watched {
  public:
    watched(connection_pool& pool, connection& what) : pool_(pool), what_(what) { pool_.open_.insert(&what); }
    ~watched() { pool_.open_.erase(&what_); }
    watched(const watched&) = delete;
    watched& operator=(const watched&) = delete;

  private:
    connection_pool& pool_;
    connection& what_;
  };

  connection_pool(asio::io_context& io, const http_client_options& options) : io_(io), options_(options), sweep_(io) {}

  /// Null when none came free until the deadline, or all is going down.
  asio::awaitable<std::unique_ptr<place>> take_place(const http_url& url, clock::time_point deadline);

  /// Resolves, connects and shakes hands.
  asio::awaitable<error_code> connect(connection& target, const http_url& url, clock::time_point deadline);

  /// Ends everything that is under way. Names that are being resolved end by themselves: join() waits for them.
  void stop();
  void join() { resolvers_.join(); }
  [[nodiscard]] bool stopping() const noexcept { return stopping_; }

private:
  using addresses = std::vector<asio::ip::tcp::endpoint>;

  struct waiter {
    asio::steady_timer timer;
    bool granted = false;
  };

  struct site {
    std::string origin;
    std::vector<std::unique_ptr<connection>> idle;
    std::deque<waiter*> waiting;
    std::size_t busy = 0;
  };

  asio::awaitable<void> wait(asio::steady_timer& timer);
  asio::awaitable<error_code> resolve(const http_url& url, clock::time_point deadline, addresses& found);
  asio::awaitable<error_code> shake_hands(connection& target, const http_url& url);
  void release(site& where);
  asio::awaitable<void> close_idle();
  bool drop_old();

  asio::io_context& io_;
  const http_client_options& options_;
  std::map<std::string, std::shared_ptr<site>> sites_;
  std::unordered_set<connection*> open_;
  std::unordered_set<asio::steady_timer*> timers_;
  asio::steady_timer sweep_;
  bool sweeping_ = false;
  bool stopping_ = false;
  /// The system's resolver can take long: a name server that is away must not hold up the names of others.
  asio::thread_pool resolvers_{4};
  std::atomic<std::size_t> resolving_ = 0;
};

} // namespace waybill::outbound
